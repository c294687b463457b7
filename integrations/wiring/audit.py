"""The audit area: the audit log follows the outboxes of all other areas."""

from domain.audit.model import AuditRecorded
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_audit(base: Infrastructure) -> Area[None]:
    return Area(
        name="audit",
        services=None,
        subscriptions={AuditRecorded: (base.audit,)},
        create_indexes=base.audit.create_indexes,
    )
