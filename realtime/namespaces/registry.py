"""All namespaces, listed once: the server registers them, and their documentation is generated from them."""

from typing import Any, Final

from realtime.namespaces.base import ClientNamespace
from realtime.namespaces.connections import ConnectionsNamespace
from realtime.namespaces.contracts import ContractsNamespace
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.interviews import InterviewsNamespace
from realtime.namespaces.statistics import StatisticsNamespace
from realtime.namespaces.users import UsersNamespace

NAMESPACES: Final[tuple[type[ClientNamespace[Any, Any]], ...]] = (
    StatisticsNamespace,
    UsersNamespace,
    ConnectionsNamespace,
    InterviewNamespace,
    InterviewsNamespace,
    ContractsNamespace,
)
