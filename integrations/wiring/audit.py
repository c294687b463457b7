"""The audit area: the audit log follows the outboxes of all other areas."""

from domain.audit.access_counts import AccessCounts
from domain.audit.export import AuditExport
from domain.audit.model import AuditRecorded
from domain.audit.retention import AuditRetention
from domain.audit.service import AuditLog
from domain.audit.services import AuditServices
from integrations.mongo.audit import MongoAuditLog
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_audit(base: Infrastructure) -> Area[AuditServices]:
    rows = MongoAuditLog(base.database)
    return Area(
        name="audit",
        services=AuditServices(
            log=AuditLog(rows),
            export=AuditExport(rows, XlsxSpreadsheets(), base.audit, base.clock, base.ids),
            accesses=AccessCounts(rows, base.clock),
        ),
        subscriptions={AuditRecorded: (base.audit,)},
        background=(*base.audit.background, *AuditRetention(rows, base.clock).background),
        create_indexes=rows.create_indexes,
    )
