"""Every use case that the edges call."""

from dataclasses import dataclass

from domain.contracts.services import ContractServices
from domain.interviews.media.services import MediaServices
from domain.interviews.services import InterviewServices
from domain.presence.service import Connections
from domain.staff.service import StaffSessions
from domain.statistics.service import StatisticsService
from domain.users.services import UserServices


@dataclass(frozen=True, slots=True)
class Services:
    staff: StaffSessions
    users: UserServices
    statistics: StatisticsService
    connections: Connections
    contracts: ContractServices
    interviews: InterviewServices
    media: MediaServices
