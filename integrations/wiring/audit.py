"""The audit area: the audit log follows the outboxes of all other areas."""

from domain.audit.access_counts import AccessCounts
from domain.audit.export import AuditExport
from domain.audit.model import AuditRecorded
from domain.audit.recorded_exports import RecordedExports
from domain.audit.refusals import AccessRefusals
from domain.audit.retention import AuditRetention
from domain.audit.service import AuditLog
from domain.audit.services import AuditServices
from integrations.metrics import RefusalMetrics
from integrations.mongo.access_refusals import MongoRefusalStore
from integrations.mongo.audit import MongoAuditLog
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_audit(base: Infrastructure) -> Area[AuditServices]:
    rows, refusal_store = MongoAuditLog(base.database), MongoRefusalStore(base.database)
    refusals = AccessRefusals(refusal_store, RefusalMetrics(base.registry), base.clock)
    exports = RecordedExports(XlsxSpreadsheets(), base.audit, base.clock, base.ids)

    async def create_indexes() -> None:
        await rows.create_indexes()
        await refusal_store.create_indexes()

    return Area(
        name="audit",
        services=AuditServices(
            log=AuditLog(rows),
            export=AuditExport(rows, exports),
            accesses=AccessCounts(rows, base.clock),
            refusals=refusals,
        ),
        subscriptions={AuditRecorded: (base.audit,)},
        background=(*base.audit.background, *refusals.background, *AuditRetention(rows, base.clock).background),
        create_indexes=create_indexes,
    )


def audit_rows(base: Infrastructure) -> Area[None]:
    """The part that stores the rows of other areas: enough for a program that seeds data and serves no requests."""
    return Area(
        name="audit",
        services=None,
        subscriptions={AuditRecorded: (base.audit,)},
        background=base.audit.background,
    )
