"""Audit rows: the actor, the action and the changed values. Saved in the same write as the change (outbox)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.masking import masked
from domain.shared.model import Model

AccessKind = Literal["reveal", "export"]
_ACCESSES: Final[dict[str, AccessKind]] = {"reveal": "reveal", "export": "export"}


class AuditRecorded(DomainEvent):
    """One audit row. `before` and `after` hold only changed values, masked."""

    type: ClassVar[str] = "audit"
    published: ClassVar[bool] = False
    delivered_before_publishing: ClassVar[bool] = False

    action: str
    actor: Actor
    target_kind: str
    target_id: str
    before: dict[str, Any] = Field(default_factory=dict)
    after: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""
    access: AccessKind | None = None
    """Set for a reveal and an export, by the last word of the action."""


class DailyAccesses(Model):
    """One person's accesses of one kind on one day."""

    day: date
    staff_id: str
    name: str
    kind: AccessKind
    count: int


def audit_of(
    event_id: str,
    at: datetime,
    actor: Actor,
    target: tuple[str, str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditRecorded:
    """The audit row for a change of `target` (kind, id), without the keys whose values did not change."""
    before, after = before or {}, after or {}
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return AuditRecorded(
        id=event_id,
        at=at,
        action=actor.action,
        actor=actor,
        target_kind=target[0],
        target_id=target[1],
        before=masked({key: before[key] for key in keys if key in before}),
        after=masked({key: after[key] for key in keys if key in after}),
        reason=reason,
        access=_ACCESSES.get(actor.action.rpartition(".")[2]),
    )
