"""Notices of customer events: the recipients and the values of each type of notification."""

from typing import Any, Final

from pydantic import Field

from domain.customers.behaviour.events import CustomerActed
from domain.customers.behaviour.model import BEHAVIOUR_LABELS, BehaviourKind
from domain.customers.contract_customers import CONTRACT
from domain.customers.events import (
    CustomerAssigned,
    CustomerCard,
    CustomerChanged,
    CustomerEvent,
    CustomerFollowedUp,
    CustomerPoolMoved,
    CustomerStageChanged,
    CustomerTransferred,
    FollowUpReminderDue,
    ResponseBreached,
)
from domain.customers.stages import STAGE_LABELS, Stage
from domain.shared.business_day import local_minute
from domain.shared.model import Model
from domain.shared.notifications import Notice, OwnersChanged, Recipients, RecordRef
from domain.shared.scope import Resource
from domain.shared.text import Text

KIND: Final = "customer"
SUMMARY_CHARACTERS: Final = 80


class CustomerValues(Model):
    customer_id: str = Field(examples=["65f0c1d2e3a4b5c6d7e8f901"])
    customer_name: str = Field(examples=["王芳"])


class AssignedValues(CustomerValues):
    phone: str = Field("", examples=["138****8000"])
    lead_source: str = Field("", examples=["美团"])


class CreatedValues(AssignedValues):
    creator_name: str = Field(examples=["李老师"])


class ReclaimedValues(CustomerValues):
    reason: str = Field("", examples=["30 天未跟进"])


class ChangedHandsValues(ReclaimedValues):
    operator_name: str = Field(examples=["李经理"])


class StatusValues(CustomerValues):
    old_status: Text = Field(examples=[STAGE_LABELS[Stage.MATCHING]])
    new_status: Text = Field(examples=[STAGE_LABELS[Stage.SIGNING]])


class FollowUpValues(CustomerValues):
    operator_name: str = Field(examples=["李经理"])
    summary: str = Field(examples=["已电话沟通，周末看简历"])


class ActedValues(CustomerValues):
    action: Text = Field(examples=[BEHAVIOUR_LABELS[BehaviourKind.VIEW_RESUME]])
    summary: str = Field("", examples=["预产期三月，想找月嫂"])


class FollowUpDueValues(CustomerValues):
    due_at: str = Field(examples=["12-01 14:30"])
    days: int = Field(examples=[3])


class AutoTransferValues(Model):
    rule_name: str = Field(examples=["48 小时未跟进"])
    customer_name: str = Field(examples=["王芳"])


class ResponseOverdueValues(CustomerValues):
    assigned_at: str = Field(examples=["12-01 14:30"])
    due_at: str = Field(examples=["12-01 15:00"])


def created(event: CustomerChanged) -> Notice | None:
    if event.change != "created" or event.actor.id == CONTRACT:
        return None
    values = CreatedValues(**_contact(event.card), creator_name=event.actor.name)
    return _notice(event, Recipients(overseers=True, without=(event.actor.id, event.card.owner_id)), values)


def assigned(event: CustomerChanged) -> Notice | None:
    if event.change not in ("created", "assigned") or event.left_pool or event.actor.id == CONTRACT:
        return None
    return _to_owner(event, AssignedValues(**_contact(event.card)))


def assigned_from_pool(event: CustomerChanged) -> Notice | None:
    if event.change != "assigned" or not event.left_pool:
        return None
    return _to_owner(event, CustomerValues(**_named(event.card)))


def reclaimed(event: CustomerPoolMoved) -> Notice | None:
    if event.action not in ("enter", "release"):
        return None
    values = ReclaimedValues(**_named(event.card), reason=event.reason)
    return _to_former_owner(event, event.former_owner_id, values)


def transferred(event: CustomerAssigned) -> Notice | None:
    # Automatic transfers have one summary for each person and run.
    if not event.card.owner_id or event.actor.kind == "system":
        return None
    values = ChangedHandsValues(**_named(event.card), operator_name=event.actor.name, reason=event.reason)
    return _to_former_owner(event, event.former_owner_id, values)


def transferred_out(event: CustomerTransferred) -> Notice:
    return _of_rule(event, event.former_owner_id)


def transferred_in(event: CustomerTransferred) -> Notice:
    return _of_rule(event, event.card.owner_id)


def status_changed(event: CustomerStageChanged) -> Notice | None:
    stages = {"old_status": STAGE_LABELS[event.from_stage], "new_status": STAGE_LABELS[event.to_stage]}
    return _to_owner(event, StatusValues(**_named(event.card), **stages))


def follow_up_added(event: CustomerFollowedUp) -> Notice | None:
    summary = _summary(event.follow_up.content)
    return _to_owner(event, FollowUpValues(**_named(event.card), operator_name=event.actor.name, summary=summary))


def acted(event: CustomerActed) -> Notice | None:
    """A new customer is announced as such."""
    if event.is_new:
        return None
    values = ActedValues(**_named(event.card), action=BEHAVIOUR_LABELS[event.action], summary=_summary(event.content))
    owner = event.card.owner_id
    return _notice(event, Recipients(staff=(owner,)) if owner else Recipients(overseers=True), values)


def follow_up_due(event: FollowUpReminderDue) -> Notice | None:
    days = (event.at - event.last_contact_at).days
    values = FollowUpDueValues(**_named(event.card), due_at=local_minute(event.due_at), days=days)
    return _to_owner(event, values)


def response_overdue(event: ResponseBreached) -> Notice:
    times = {"assigned_at": local_minute(event.assigned_at), "due_at": local_minute(event.due_at)}
    values = ResponseOverdueValues(**_named(event.card), **times)
    return _notice(event, Recipients(staff=(event.card.owner_id,), overseers=True), values)


def new_owner(event: CustomerChanged) -> OwnersChanged | None:
    moved = event.former_owner_id or event.left_pool
    return OwnersChanged(_about(event.card), Resource.CUSTOMER, _people(event.card)) if moved else None


def _of_rule(event: CustomerTransferred, staff_id: str) -> Notice:
    """About the rule: the leads that one run moves for one person become one notification."""
    about = RecordRef(kind="lead-transfer-rule", id=event.rule_id)
    values = AutoTransferValues(rule_name=event.rule_name, customer_name=event.card.name)
    return Notice(fact=event.id, to=Recipients(staff=(staff_id,)), about=about, values=values)


def _summary(text: str) -> str:
    return " ".join(text.split())[:SUMMARY_CHARACTERS]


def _to_owner(event: CustomerEvent, values: Model) -> Notice | None:
    owner = event.card.owner_id
    return _notice(event, Recipients(staff=(owner,), without=(event.actor.id,)), values) if owner else None


def _to_former_owner(event: CustomerEvent, former: str, values: Model) -> Notice | None:
    to = Recipients(staff=(former,), without=(event.actor.id, event.card.owner_id))
    return Notice(fact=event.id, to=to, about=_about(event.card), values=values) if former else None


def _notice(event: CustomerEvent, to: Recipients, values: Model) -> Notice:
    return Notice(fact=event.id, to=to, about=_about(event.card), values=values, owners=_people(event.card))


def _about(card: CustomerCard) -> RecordRef:
    return RecordRef(kind=KIND, id=card.id)


def _people(card: CustomerCard) -> tuple[str, ...]:
    return tuple(each for each in (card.owner_id, card.created_by) if each)


def _named(card: CustomerCard) -> dict[str, Any]:
    return {"customer_id": card.id, "customer_name": card.name}


def _contact(card: CustomerCard) -> dict[str, Any]:
    return {**_named(card), "phone": card.phone, "lead_source": card.lead_source}
