"""Filters of the audit log."""

from domain.shared.model import Instant, Model


class AuditFilter(Model):
    """Empty fields do not restrict the result."""

    actor: str = ""
    """The id of the person, or the whole name."""
    action: str = ""
    target_kind: str = ""
    target_id: str = ""
    since: Instant | None = None
    until: Instant | None = None
