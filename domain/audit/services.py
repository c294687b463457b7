"""All use cases of the audit area."""

from dataclasses import dataclass

from domain.audit.access_counts import AccessCounts
from domain.audit.export import AuditExport
from domain.audit.refusals import AccessRefusals
from domain.audit.service import AuditLog


@dataclass(frozen=True, slots=True)
class AuditServices:
    log: AuditLog
    export: AuditExport
    accesses: AccessCounts
    refusals: AccessRefusals
