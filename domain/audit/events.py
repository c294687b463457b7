"""Events of the audit log."""

from typing import ClassVar

from domain.shared.events import DomainEvent


class AuditLogGrew(DomainEvent):
    """An app process has stored new rows. Published at most once a second by each process."""

    type: ClassVar[str] = "audit.grew"

    count: int
