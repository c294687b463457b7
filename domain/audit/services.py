"""All use cases of the audit area."""

from dataclasses import dataclass

from domain.audit.service import AuditLog


@dataclass(frozen=True, slots=True)
class AuditServices:
    log: AuditLog
