"""The events that follow from a change of a customer, computed from the customer before and after it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.audit.model import audit_of
from domain.customers.events import (
    CustomerAssigned,
    CustomerCard,
    CustomerChange,
    CustomerChanged,
    CustomerPoolMoved,
    CustomerStageChanged,
    HoldingEnded,
    PoolAction,
)
from domain.customers.model import Customer
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.masking import mask_phone
from domain.shared.ports import IdGenerator

AUDIT_TARGET = "customer"


def card_of(customer: Customer, version: int) -> CustomerCard:
    return CustomerCard(
        id=customer.id,
        customer_id=customer.customer_id,
        name=customer.name,
        phone=mask_phone(customer.phone) if customer.phone else "",
        lead_source=customer.lead_source,
        stage=customer.contract_status,
        owner_id=customer.assigned_to,
        created_by=customer.created_by,
        in_pool=customer.in_public_pool,
        version=version,
    )


class CustomerChangeEvents:
    def __init__(self, ids: IdGenerator) -> None:
        self._ids = ids

    def of(
        self, before: Customer | None, after: Customer, actor: Actor, now: datetime, reason: str = ""
    ) -> list[DomainEvent]:
        """Empty for a change of technical values alone. `after` as it will be saved."""
        former = before.snapshot() if before else {}
        shown = after.snapshot()
        ended = [*self._holding_ended(before, after, now)]
        if former == shown and not after.deleted_at:
            return [*ended]
        target = (AUDIT_TARGET, after.id)
        row = audit_of(self._ids.next_id(), now, actor, target, former, shown, reason)
        return [row, *self._changes(before, after, actor, now, reason), *ended]

    def _changes(
        self, before: Customer | None, after: Customer, actor: Actor, now: datetime, reason: str
    ) -> Iterator[DomainEvent]:
        # A deleted customer is named as it was.
        card = card_of(before if before and after.deleted_at else after, after.next_version)
        owner_before = before.assigned_to if before else ""
        pooled_before = before.in_public_pool if before else False
        moved = owner_before != after.assigned_to
        yield CustomerChanged(
            **self._base(card, actor, now),
            change=change_of(before, after),
            former_owner_id=owner_before if moved else "",
            left_pool=pooled_before and not after.in_public_pool,
        )
        if before and before.contract_status is not after.contract_status:
            yield CustomerStageChanged(
                **self._base(card, actor, now), from_stage=before.contract_status, to_stage=after.contract_status
            )
        if moved and not after.deleted_at:
            yield CustomerAssigned(
                **self._base(card, actor, now),
                former_owner_id=owner_before,
                reason=reason,
                left_pool=pooled_before and not after.in_public_pool,
            )
        if pooled_before != after.in_public_pool and not after.deleted_at:
            yield CustomerPoolMoved(
                **self._base(card, actor, now),
                action=_pool_action(after, actor),
                former_owner_id=owner_before,
                reason=reason,
            )

    def _holding_ended(self, before: Customer | None, after: Customer, now: datetime) -> Iterator[DomainEvent]:
        if before and before.holding_id and before.holding_id != after.holding_id:
            yield HoldingEnded(
                id=self._ids.next_id(), at=now, staff_id=before.assigned_to, holding_id=before.holding_id
            )

    def _base(self, card: CustomerCard, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"id": self._ids.next_id(), "at": now, "card": card, "actor": actor.ref()}


class PastChangeEvents(CustomerChangeEvents):
    """Events of changes that only catch up with the past: audit rows only, without notifications or pushes."""

    def _changes(
        self, before: Customer | None, after: Customer, actor: Actor, now: datetime, reason: str
    ) -> Iterator[DomainEvent]:
        return iter(())


def change_of(before: Customer | None, after: Customer) -> CustomerChange:
    """The one word for a change."""
    if before is None:
        return "created"
    if after.deleted_at:
        return "deleted"
    if before.in_public_pool and not after.in_public_pool:
        return "claimed" if after.assigned_by == after.assigned_to else "assigned"
    if after.in_public_pool and not before.in_public_pool:
        return "released"
    if before.assigned_to != after.assigned_to:
        return "transferred" if after.transfer_count > before.transfer_count else "assigned"
    if before.is_frozen != after.is_frozen:
        return "frozen" if after.is_frozen else "unfrozen"
    if before.last_follow_up_time != after.last_follow_up_time:
        return "followedUp"
    return "updated" if before.contract_status is after.contract_status else "stage"


def _pool_action(after: Customer, actor: Actor) -> PoolAction:
    if after.in_public_pool:
        return "enter" if actor.kind == "system" else "release"
    return "claim" if after.assigned_by == after.assigned_to else "assign"
