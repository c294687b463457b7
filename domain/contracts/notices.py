"""Notifications of contracts: the variables of their templates, and the notices of events."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import Field

from domain.contracts.events import ContractChanged, ContractStatusChanged, StaffNoticeDue, StaffNoticeKind
from domain.contracts.statuses import (
    CANCEL_LABELS,
    ROLE_LABELS,
    STATUS_LABELS,
    CancelReason,
    ContractStatus,
    SignerRole,
)
from domain.shared.model import Model
from domain.shared.notifications import Notice, OwnersChanged, Recipients, RecordRef
from domain.shared.scope import Resource
from domain.shared.text import Text

KIND: Final = "contract"
_S: Final = ContractStatus


class ContractValues(Model):
    contract_id: str = Field(examples=["65f0c1d2e3a4b5c6d7e8f901"])
    contract_number: str = Field(examples=["HT20261130001"])
    customer_name: str = Field(examples=["王芳"])
    worker_name: str = Field("", examples=["赵阿姨"])


class PartySignedValues(ContractValues):
    party: Text = Field(examples=[ROLE_LABELS[SignerRole.CUSTOMER]])


class CancelledValues(ContractValues):
    reason: Text = Field(examples=[CANCEL_LABELS[CancelReason.REJECTED]])
    note: str = Field("", examples=["客户改期"])


class DeletionRequestedValues(ContractValues):
    requester_name: str = Field(examples=["李老师"])
    reason: str = Field(examples=["重复录入"])


class DeletionWaitingValues(DeletionRequestedValues):
    days: int = Field(examples=[2])


class DeletionDecidedValues(ContractValues):
    approver_name: str = Field(examples=["李经理"])
    comment: str = Field(examples=["同意"])


class ExpiringValues(ContractValues):
    days_left: int = Field(examples=[7])
    end_date: str = Field("", examples=["2026-12-31"])


class StatusValues(ContractValues):
    old_status: Text = Field(examples=[STATUS_LABELS[_S.SIGNED]])
    new_status: Text = Field(examples=[STATUS_LABELS[_S.ACTIVE]])
    operator_name: str = Field(examples=["李经理"])


class WorkerChangedValues(ContractValues):
    old_worker: str = Field(examples=["赵阿姨"])
    new_worker: str = Field(examples=["钱阿姨"])
    new_contract_number: str = Field(examples=["HT20261130002"])


def due(kind: StaffNoticeKind, values: Callable[[StaffNoticeDue], Model]) -> Callable[[StaffNoticeDue], Notice | None]:
    def notice(event: StaffNoticeDue) -> Notice | None:
        if event.kind != kind:
            return None
        return Notice(
            fact=event.key,
            to=Recipients(staff=event.to_staff, overseers=event.to_admins),
            about=RecordRef(kind=KIND, id=event.contract_id),
            values=values(event),
            owners=(event.owner_id,) if event.owner_id else (),
        )

    return notice


def _common(event: StaffNoticeDue) -> dict[str, Any]:
    return {
        "contract_id": event.contract_id,
        "contract_number": event.contract_number,
        "customer_name": event.values.get("customerName", ""),
        "worker_name": event.values.get("workerName", ""),
    }


def plain(event: StaffNoticeDue) -> ContractValues:
    return ContractValues(**_common(event))


def party_signed(event: StaffNoticeDue) -> PartySignedValues:
    return PartySignedValues(**_common(event), party=_label(ROLE_LABELS, event.values.get("role")))


def cancelled(event: StaffNoticeDue) -> CancelledValues:
    reason = _label(CANCEL_LABELS, event.values.get("reason"))
    return CancelledValues(**_common(event), reason=reason, note=event.values.get("note", ""))


def deletion_requested(event: StaffNoticeDue) -> DeletionRequestedValues:
    given = event.values
    requester, reason = given.get("requesterName", ""), given.get("reason", "")
    return DeletionRequestedValues(**_common(event), requester_name=requester, reason=reason)


def deletion_waiting(event: StaffNoticeDue) -> DeletionWaitingValues:
    return DeletionWaitingValues(**dict(deletion_requested(event)), days=event.values.get("days", 0))


def deletion_decided(event: StaffNoticeDue) -> DeletionDecidedValues:
    given = event.values
    approver, comment = given.get("approverName", ""), given.get("comment", "")
    return DeletionDecidedValues(**_common(event), approver_name=approver, comment=comment)


def expiring(event: StaffNoticeDue) -> ExpiringValues:
    given = event.values
    return ExpiringValues(**_common(event), days_left=given.get("days", 0), end_date=given.get("endDate", ""))


def status_changed(event: ContractStatusChanged) -> Notice | None:
    """Only of a transition without a type of its own."""
    cancelled = event.to_status is _S.CANCELLED and event.from_status is not _S.DRAFT
    if event.is_signing_completed or cancelled or event.to_status is _S.REPLACED:
        return None
    values = StatusValues(
        **_shown(event),
        old_status=STATUS_LABELS[event.from_status],
        new_status=STATUS_LABELS[event.to_status],
        operator_name=event.actor.name,
    )
    return _to_owner(event, values)


def worker_changed(event: ContractStatusChanged) -> Notice | None:
    if event.to_status is not _S.REPLACED:
        return None
    values = WorkerChangedValues(
        **_shown(event),
        old_worker=event.card.worker_name,
        new_worker=event.new_worker,
        new_contract_number=event.note,
    )
    return _to_owner(event, values, overseers=True)


def _to_owner(event: ContractStatusChanged, values: Model, *, overseers: bool = False) -> Notice:
    card = event.card
    return Notice(
        fact=f"{card.id}:{card.version}",
        to=Recipients(staff=(card.owner_id,), overseers=overseers, without=(event.actor.id,)),
        about=RecordRef(kind=KIND, id=card.id),
        values=values,
        owners=(card.owner_id,),
    )


def _shown(event: ContractStatusChanged) -> dict[str, Any]:
    card = event.card
    return {
        "contract_id": card.id,
        "contract_number": card.contract_number,
        "customer_name": card.customer_name,
        "worker_name": card.worker_name,
    }


def _label(labels: Mapping[Any, Text], value: object) -> Text:
    return labels.get(value, Text("", ""))


def new_owner(event: ContractChanged) -> OwnersChanged | None:
    if not event.former_owner_id:
        return None
    return OwnersChanged(RecordRef(kind=KIND, id=event.card.id), Resource.CONTRACT, (event.card.owner_id,))
