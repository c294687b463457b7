"""The list of all namespaces, from which the edge and the AsyncAPI document are built."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from domain.services import Services
from realtime.namespaces.account import AccountNamespace
from realtime.namespaces.audit import AuditNamespace
from realtime.namespaces.base import ClientNamespace, NamespaceFactory
from realtime.namespaces.connections import ConnectionsNamespace
from realtime.namespaces.contracts import ContractsNamespace
from realtime.namespaces.customers import CustomersNamespace
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.interviews import InterviewsNamespace
from realtime.namespaces.monitoring import MonitoringNamespace
from realtime.namespaces.notifications import NotificationsNamespace
from realtime.namespaces.staff_administration import StaffAdministrationNamespace
from realtime.namespaces.statistics import StatisticsNamespace
from realtime.namespaces.users import UsersNamespace

NAMESPACES: Final[tuple[type[ClientNamespace[Any, Any]], ...]] = (
    StatisticsNamespace,
    UsersNamespace,
    ConnectionsNamespace,
    InterviewNamespace,
    InterviewsNamespace,
    ContractsNamespace,
    CustomersNamespace,
    MonitoringNamespace,
    NotificationsNamespace,
    AuditNamespace,
    AccountNamespace,
    StaffAdministrationNamespace,
)


def namespace_factories(services: Services) -> Sequence[NamespaceFactory]:
    """For the edge, which gives each namespace its context."""
    return [partial(namespace.build, services=services) for namespace in NAMESPACES]
