"""Which notifications contracts give, and to whom. `StaffNoticeDue` itself is tested with the side effects."""

from typing import Any

from domain.contracts.board.card import card_of
from domain.contracts.events import ContractChanged, ContractStatusChanged, StaffNoticeDue
from domain.contracts.history import Cause
from domain.contracts.notification_types import NOTIFICATIONS
from domain.contracts.statuses import ContractStatus
from domain.shared.actor import ActorRef
from domain.shared.events import DomainEvent
from domain.shared.notifications import Notice, OwnersChanged, Recipients, RecordRef
from domain.shared.scope import Resource
from tests.domain.contracts.builders import NOW, STAFF, a_contract

S = ContractStatus
CUSTOMER = ActorRef(kind="user", id="f" * 24, name="王芳")


def notices(event: DomainEvent) -> list[tuple[str, Notice]]:
    found = [(kind.code, kind.notice(event)) for kind in NOTIFICATIONS.types if isinstance(event, kind.cause)]
    return [(code, notice) for code, notice in found if notice is not None]


def due(kind: Any, **values: Any) -> StaffNoticeDue:
    return StaffNoticeDue(
        id="1",
        at=NOW,
        key="c:bell:1",
        contract_id="c" * 24,
        contract_number="HT1",
        kind=kind,
        to_staff=(STAFF.id,),
        owner_id=STAFF.id,
        values={"customerName": "王芳", "workerName": "赵阿姨", **values},
    )


def step(before: ContractStatus, after: ContractStatus, actor: ActorRef = CUSTOMER) -> ContractStatusChanged:
    card = card_of(a_contract(), 3).model_copy(update={"contract_status": after})
    common: dict[str, Any] = {"id": "1", "at": NOW, "card": card, "actor": actor, "cause": Cause.PAID, "note": "HT2"}
    return ContractStatusChanged(**common, from_status=before, to_status=after)


def test_a_due_notice_is_of_the_type_that_it_names_with_the_labels_of_its_values() -> None:
    [(code, notice)] = notices(due("CONTRACT_CANCELLED", reason="rejected", note="改天再签"))

    assert (code, notice.fact, notice.owners) == ("CONTRACT_CANCELLED", "c:bell:1", (STAFF.id,))
    assert notice.to == Recipients((STAFF.id,))
    assert notice.about == RecordRef(kind="contract", id="c" * 24)
    assert notice.values.model_dump()["reason"]["zh"] == "拒签"


def test_an_event_of_an_earlier_version_without_some_values_still_gives_its_notice() -> None:
    event = due("CONTRACT_APPROVAL_REQUESTED").model_copy(update={"owner_id": "", "values": {}})

    [(code, notice)] = notices(event)

    assert (code, notice.owners) == ("CONTRACT_APPROVAL_REQUESTED", ())


def test_a_transition_is_told_to_the_owner_unless_another_type_tells_it() -> None:
    [(code, notice)] = notices(step(S.SIGNED, S.ACTIVE))
    assert (code, notice.to) == ("CONTRACT_STATUS_CHANGED", Recipients((STAFF.id,), without=(CUSTOMER.id,)))
    assert notice.values.model_dump()["new_status"]["en"]

    assert notices(step(S.SIGNING, S.SIGNED)) == notices(step(S.SIGNING, S.CANCELLED)) == []
    [(code, _)] = notices(step(S.DRAFT, S.CANCELLED))
    assert code == "CONTRACT_STATUS_CHANGED"
    [(code, replaced)] = notices(step(S.ACTIVE, S.REPLACED).model_copy(update={"new_worker": "钱阿姨"}))
    values = replaced.values.model_dump()
    assert replaced.to == Recipients((STAFF.id,), overseers=True, without=(CUSTOMER.id,))
    assert (code, values["new_worker"], values["new_contract_number"]) == ("CONTRACT_WORKER_CHANGED", "钱阿姨", "HT2")


def test_an_assignment_gives_the_notifications_of_the_contract_its_new_owner() -> None:
    card = card_of(a_contract(), 3)
    common: dict[str, Any] = {"id": "1", "at": NOW, "card": card, "actor": CUSTOMER, "cause": Cause.ASSIGNED}
    [rule] = NOTIFICATIONS.ownership

    assert rule.change(ContractChanged(**common)) is None
    assert rule.change(ContractChanged(**common, former_owner_id="f" * 24)) == OwnersChanged(
        RecordRef(kind="contract", id=card.id), Resource.CONTRACT, (STAFF.id,)
    )
