"""The use cases of all areas, as routes and namespaces get them: a field an area."""

from dataclasses import dataclass

from domain.audit.services import AuditServices
from domain.contracts.services import ContractServices
from domain.customers.services import CustomerServices
from domain.customers.timeline.service import CustomerTimeline
from domain.files.services import FileServices
from domain.interviews.media.services import MediaServices
from domain.interviews.services import InterviewServices
from domain.monitoring.services import MonitoringServices
from domain.notifications.inbox.service import Inbox
from domain.notifications.services import NotificationServices
from domain.presence.service import Connections
from domain.search.service import GlobalSearch
from domain.staff.services import StaffServices
from domain.statistics.services import StatisticsServices
from domain.tasks.service import Tasks
from domain.users.services import UserServices


@dataclass(frozen=True, slots=True)
class Services:
    audit: AuditServices
    staff: StaffServices
    statistics: StatisticsServices
    users: UserServices
    inbox: Inbox
    presence: Connections
    contracts: ContractServices
    customers: CustomerServices
    interviews: InterviewServices
    media: MediaServices
    files: FileServices
    monitoring: MonitoringServices
    search: GlobalSearch
    notifications: NotificationServices
    tasks: Tasks
    timeline: CustomerTimeline
