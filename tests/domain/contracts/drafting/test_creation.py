"""Creating contracts: required terms, parties, contract numbers, idempotency, second contracts of a customer."""

import asyncio
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.contracts.drafting.service import CreationResult, IdempotencyKey
from domain.contracts.errors import (
    ContractExists,
    IdempotencyKeyReused,
    NumberTaken,
    UnknownParty,
    WorkerBlacklisted,
    WorkerNotReleased,
)
from domain.contracts.events import ContractChanged, StaffNoticeDue
from domain.contracts.history import Cause
from domain.contracts.ports import PartyRecord
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.terms import validated_terms
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest
from tests.domain.contracts.builders import NOW, STAFF, a_contract, acting, active, id_card, staff, terms
from tests.domain.contracts.builders import training_terms as course
from tests.domain.contracts.harness import ContractsHarness

BOSS = staff(Role.ADMIN)
OWNER, OTHER = staff(Role.EMPLOYEE, STAFF.id), staff(Role.EMPLOYEE, "7" * 24)
ACTOR = acting(BOSS)
S = ContractStatus


async def create(
    harness: ContractsHarness, number: int = 1, key: str = "", digest: str = "d", **more: Any
) -> CreationResult:
    request = IdempotencyKey(key=key, digest=digest)
    second = more.pop("second_order", False)
    wanted = validated_terms(terms(number, **more))
    return await harness.services.drafting.create(wanted, BOSS, ACTOR, request, second_order=second)


async def test_a_new_contract_is_a_draft_owned_by_its_author(harness: ContractsHarness) -> None:
    made = (await create(harness)).contract

    assert (made.contract_status, made.created_by, made.version, made.is_latest) == (S.DRAFT, BOSS.id, 1, True)
    assert [entry.cause for entry in made.history] == [Cause.CREATED]
    assert [type(event) for event in harness.contracts.events[:2]] == [ContractChanged, StaffNoticeDue]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("customer_name", "customerName"),
        ("customer_phone", "customerPhone"),
        ("worker_name", "workerName"),
        ("worker_phone", "workerPhone"),
        ("contract_type", "contractType"),
        ("start_date", "startDate"),
        ("worker_salary_fen", "workerSalary"),
        ("customer_service_fee_fen", "customerServiceFee"),
    ],
)
async def test_missing_required_fields_are_named_by_their_wire_names(
    harness: ContractsHarness, field: str, name: str
) -> None:
    empty: Any = "" if field.endswith(("name", "phone")) else None

    with pytest.raises(InvalidRequest) as refused:
        await create(harness, **{field: empty})

    assert refused.value.details == {"fields": [{"field": name, "problem": "必填 / required"}]}


async def test_contradicting_terms_are_refused(harness: ContractsHarness) -> None:
    contradictions: list[dict[str, Any]] = [{"end_date": date(2026, 4, 30)}, {"worker_id_card": id_card(1)}]
    for contradiction in contradictions:
        with pytest.raises(InvalidRequest):
            await create(harness, **contradiction)


@pytest.mark.parametrize("card", ["110101199003070000", "11010119900307", "身份证", "110101199003070"])
def test_a_card_number_with_a_wrong_check_digit_is_refused(card: str) -> None:
    with pytest.raises(ValidationError):
        validated_terms(terms(customer_id_card=card))


async def test_missing_party_fields_come_from_the_parties_records(harness: ContractsHarness) -> None:
    harness.people.customers["a" * 24] = PartyRecord(id="a" * 24, name="张三", phone="13800000009", id_card=id_card(9))
    harness.people.workers["b" * 24] = PartyRecord(id="b" * 24, name="钱嫂", phone="no phone", address="河南")

    made = (
        await create(harness, customer_id="a" * 24, customer_name="", customer_phone="", customer_id_card="")
    ).contract
    other = (await create(harness, 2, worker_id="b" * 24, worker_address="")).contract

    assert (made.customer_name, made.customer_phone, made.customer_id_card) == ("张三", "13800000009", id_card(9))
    assert (other.worker_name, other.worker_address) == ("赵阿姨", "河南")


@pytest.mark.parametrize("who", ["customer_id", "worker_id"])
async def test_an_unknown_customer_or_worker_is_refused(harness: ContractsHarness, who: str) -> None:
    unknown: dict[str, Any] = {who: "f" * 24}

    with pytest.raises(UnknownParty):
        await create(harness, **unknown)
    with pytest.raises(ValidationError):
        validated_terms({**terms(), who: "temp"})  # the legacy system replaced it by a random id


async def test_a_customer_outside_of_the_data_scope_is_unknown_to_a_draft_and_to_its_edits(
    harness: ContractsHarness,
) -> None:
    foreign, own = "c" * 24, "d" * 24
    harness.people.customers[foreign] = PartyRecord(id=foreign, address="别人家", people=(OTHER.id,))
    harness.people.customers[own] = PartyRecord(id=own, address="自家", people=("", OWNER.id))

    drafting, request = harness.services.drafting, IdempotencyKey()

    with pytest.raises(UnknownParty):
        await drafting.create(validated_terms(terms(1, customer_id=foreign)), OWNER, acting(OWNER), request)
    made = await drafting.create(validated_terms(terms(1, customer_id=own)), OWNER, acting(OWNER), request)
    with pytest.raises(UnknownParty):
        await drafting.update(made.contract.id, {"customer_id": foreign}, None, OWNER, acting(OWNER))

    assert made.contract.customer_address == "自家"


async def test_a_blacklisted_worker_is_refused(harness: ContractsHarness) -> None:
    harness.people.blacklisted = {id_card(1, "19751111")}

    with pytest.raises(WorkerBlacklisted):
        await create(harness)


async def test_a_worker_whose_resume_is_not_released_is_refused(harness: ContractsHarness) -> None:
    harness.people.workers["b" * 24] = PartyRecord(id="b" * 24)
    harness.people.unreleased["b" * 24] = OTHER.id

    with pytest.raises(WorkerNotReleased):
        await create(harness, worker_id="b" * 24)


async def test_a_taken_contract_number_is_replaced_by_another(harness: ContractsHarness) -> None:
    harness.ids.secrets = ["same", "same", "same", "other"]

    one, two = (await create(harness, 1)).contract, (await create(harness, 2)).contract

    assert one.contract_number != two.contract_number
    assert all(len(each.contract_number) == 17 and each.contract_number[:3] == "CON" for each in (one, two))
    assert one.contract_number[3:11] == f"{int(NOW.timestamp() * 1000) % 10**8:08d}"
    assert len(f"{one.contract_number}-99") <= 40  # the provider's limit


async def test_three_taken_contract_numbers_are_a_conflict(harness: ContractsHarness) -> None:
    harness.ids.secrets = ["same"] * 4
    await create(harness, 1)

    with pytest.raises(NumberTaken):
        await create(harness, 2)


async def test_requests_with_the_same_idempotency_key_create_one_contract(harness: ContractsHarness) -> None:
    made = await asyncio.gather(*(create(harness, 1, key="k") for _ in range(5)))
    later = await create(harness, 1, key="k")

    assert {each.contract.id for each in (*made, later)} == {made[0].contract.id}
    assert [each.is_new for each in (*made, later)].count(True) == 1
    assert len(harness.contracts.stored) == 1


async def test_an_idempotency_key_with_another_body_is_refused(harness: ContractsHarness) -> None:
    await create(harness, 1, key="k")

    with pytest.raises(IdempotencyKeyReused):
        await create(harness, 2, key="k", digest="other")


async def test_a_second_contract_of_a_customer_needs_an_explicit_flag(harness: ContractsHarness) -> None:
    first = (await create(harness, 1)).contract

    with pytest.raises(ContractExists) as refused:
        await create(harness, 2, customer_phone=first.customer_phone)
    second = await create(harness, 2, customer_phone=first.customer_phone, second_order=True)

    candidate: Any = refused.value.details["candidate"]
    assert (candidate["id"], candidate["canChangeWorker"], candidate["isYours"]) == (first.id, False, True)
    assert second.is_new
    assert await harness.contract_now(first.id) == first  # unchanged


@pytest.mark.parametrize("ended", [S.CANCELLED, S.REPLACED])
async def test_an_ended_contract_does_not_block_a_new_one(harness: ContractsHarness, ended: ContractStatus) -> None:
    await harness.add(a_contract(1, contract_status=ended, cancel_reason=CancelReason.EXPIRED))

    assert (await create(harness, 2, customer_phone="13800000001")).is_new


async def test_a_training_order_does_not_block_other_contracts(harness: ContractsHarness) -> None:
    wanted = validated_terms(course(1, customer_phone="13800000001"))
    await harness.services.drafting.create(wanted, BOSS, ACTOR, IdempotencyKey())

    assert (await create(harness, 1)).is_new
    assert (await harness.services.drafting.create(wanted, BOSS, ACTOR, IdempotencyKey())).is_new


async def test_a_candidate_outside_of_the_scope_shows_only_its_status(harness: ContractsHarness) -> None:
    await harness.add(active(1, created_by=BOSS.id))

    with pytest.raises(ContractExists) as refused:
        await harness.services.drafting.create(validated_terms(terms(1)), OTHER, acting(OTHER), IdempotencyKey())

    assert refused.value.details["candidate"] == {"contractStatus": "active", "isYours": False}


async def test_simultaneous_first_contracts_of_a_customer_create_one(harness: ContractsHarness) -> None:
    made = await asyncio.gather(*(create(harness, 1) for _ in range(3)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in made) == ["ContractExists", "ContractExists", "CreationResult"]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("courseAmount", {"course_amount_fen": 1}),
        ("intendedCourses", {"intended_courses": ("早教",)}),
        ("consultPosition", {"consult_position": "月嫂"}),
        ("customerIdCard", {"customer_id_card": id_card(1, "20260502")}),  # not born yet
        ("workerIdCard", {"worker_id_card": id_card(1, "19900231")}),
    ],
)
async def test_a_housekeeping_contract_has_no_training_terms_and_people_who_were_born(
    harness: ContractsHarness, field: str, wanted: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await create(harness, **wanted)

    fields: Any = refused.value.details["fields"]
    assert [each["field"] for each in fields] == [field]


async def test_a_customer_with_another_phone_is_recognised_by_the_card(harness: ContractsHarness) -> None:
    made = (await create(harness)).contract

    with pytest.raises(ContractExists) as refused:
        await create(harness, 2, customer_id_card=made.customer_id_card)

    candidate: Any = refused.value.details["candidate"]
    assert candidate["id"] == made.id


async def test_a_draft_cannot_become_another_customers_who_has_a_contract(harness: ContractsHarness) -> None:
    one, two = (await create(harness)).contract, (await create(harness, 2)).contract
    on_purpose = (await create(harness, 2, second_order=True)).contract
    update = harness.services.drafting.update

    for field in ("customer_phone", "customer_id_card"):
        with pytest.raises(ContractExists):
            await update(two.id, {field: getattr(one, field)}, None, BOSS, ACTOR)
    moved = await update(on_purpose.id, {"customer_phone": one.customer_phone}, None, BOSS, ACTOR)
    unchanged = await update(two.id, {"customer_phone": two.customer_phone, "remarks": "新"}, None, BOSS, ACTOR)

    assert (moved.customer_phone, unchanged.remarks) == (one.customer_phone, "新")
