"""Namespace `/audit`: tells open operation logs that there are new entries."""

from collections.abc import Sequence
from typing import ClassVar

from domain.audit.events import AuditLogGrew
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/audit"


class AuditGrewPush(Model):
    count: int
    """How many entries are new. Read them by GET /api/audit-logs."""
    at: Instant


AUDIT_GREW = Push("auditGrew", AuditGrewPush, Text("操作日志有新记录", "The operation log has new entries"))


class AuditNamespace(StaffNamespace):
    name = NAME
    permission = "audit:view"
    about = Text("操作日志", "The operation log")
    pushes: ClassVar = (AUDIT_GREW,)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        context.hub.translate(AuditLogGrew, audit_grew)


def audit_grew(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, AuditLogGrew):
        return ()
    payload = AuditGrewPush(count=event.count, at=event.at)
    return [AUDIT_GREW.delivery(NAME, ("staff",), payload, entry)]
