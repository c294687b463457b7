"""Every use case that the edges call."""

from dataclasses import dataclass

from domain.staff.service import StaffSessions
from domain.users.services import MiniProgramUsers


@dataclass(frozen=True, slots=True)
class Services:
    staff: StaffSessions
    users: MiniProgramUsers
