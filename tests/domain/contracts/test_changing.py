"""Changing contracts: who may, until when, and those that follow others: a change of worker, a renewal."""

import asyncio
from datetime import date
from typing import Any

import pytest

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.errors import (
    ContractNotFound,
    ContractVersionConflict,
    RenewalExists,
    SuccessorExists,
    TermsFrozen,
    TransitionNotAllowed,
)
from domain.contracts.events import ContractChanged
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.terms import validated_terms
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest, PermissionDenied
from tests.domain.contracts.builders import STAFF, a_contract, acting, active, id_card, signing, staff, terms
from tests.domain.contracts.fakes import ContractsHarness

BOSS = staff(Role.ADMIN)
OWNER, OTHER = staff(Role.EMPLOYEE, STAFF.id), staff(Role.EMPLOYEE, "7" * 24)
ACTOR = acting(BOSS)
S = ContractStatus


async def test_a_change_says_which_fields_and_is_refused_when_somebody_was_quicker(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract
    update = harness.services.drafting.update

    changed = await update(made.id, {"remarks": "新备注", "customer_name": made.customer_name}, 1, BOSS, ACTOR)
    with pytest.raises(ContractVersionConflict) as refused:
        await update(made.id, {"remarks": "别的"}, 1, BOSS, ACTOR)

    assert (changed.remarks, changed.history[-1].note, changed.last_updated_by) == ("新备注", "remarks", BOSS.id)
    assert refused.value.details == {"version": 2}


async def test_a_change_that_changes_nothing_is_none(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract

    assert await harness.services.drafting.update(made.id, {"remarks": made.remarks}, None, BOSS, ACTOR) == made


async def test_that_the_provider_was_asked_in_between_is_no_change(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract
    await harness.contracts.save(made.with_fields(esign_polls=1), [])

    changed = await harness.services.drafting.update(made.id, {"remarks": "新"}, made.version, BOSS, ACTOR)

    assert changed.version == 3


@pytest.mark.parametrize("make", [signing, active])
async def test_what_somebody_has_before_them_to_sign_is_frozen_but_not_how_to_reach_them(
    harness: ContractsHarness, make: Any
) -> None:
    contract = await harness.add(make())
    update = harness.services.drafting.update

    with pytest.raises(TermsFrozen) as refused:
        await update(contract.id, {"worker_salary_fen": 1, "customer_phone": "13800000009"}, None, BOSS, ACTOR)
    changed = await update(contract.id, {"customer_phone": "13800000009", "remarks": "新"}, None, BOSS, ACTOR)

    assert refused.value.details == {"fields": ["workerSalary"]}
    assert changed.customer_phone == "13800000009"
    if changed.signed_snapshot is not None:
        assert changed.signed_snapshot.terms.customer_phone == contract.customer_phone  # what the paper says


async def test_what_was_never_signed_can_be_corrected_and_sent_again(harness: ContractsHarness) -> None:
    ended = signing().with_fields(contract_status=S.CANCELLED, cancel_reason=CancelReason.REJECTED)
    contract = await harness.add(ended)

    changed = await harness.services.drafting.update(contract.id, {"worker_salary_fen": 900_000}, None, BOSS, ACTOR)

    assert changed.worker_salary_fen == 900_000


@pytest.mark.parametrize("status", [S.REPLACED, S.GRADUATED, S.REFUNDED])
async def test_what_is_over_is_over(harness: ContractsHarness, status: ContractStatus) -> None:
    contract = await harness.add(a_contract(contract_status=status))

    with pytest.raises(TermsFrozen):
        await harness.services.drafting.update(contract.id, {"remarks": "新"}, None, BOSS, ACTOR)


async def test_somebody_elses_contract_is_not_there(harness: ContractsHarness) -> None:
    contract = await harness.add(active(created_by=BOSS.id))
    drafting = harness.services.drafting

    for work in (
        drafting.update(contract.id, {"remarks": "x"}, None, OTHER, acting(OTHER)),
        drafting.change_worker(contract.id, {}, OTHER, acting(OTHER), IdempotencyKey()),
        drafting.renew(contract.id, date(2027, 1, 1), {}, OTHER, acting(OTHER), IdempotencyKey()),
    ):
        with pytest.raises(ContractNotFound):
            await work


# Those that follow


NEW_WORKER = {"worker_name": "钱嫂", "worker_phone": "13700000001", "worker_id_card": id_card(50)}


async def test_a_change_of_worker_is_a_draft_and_the_original_stays_in_force(harness: ContractsHarness) -> None:
    params = {"服务内容": "做饭", "休息方式": "单休"}
    original = await harness.add(active(worker_address="河南", worker_id="", template_params=params))
    wanted = {**NEW_WORKER, "worker_salary_fen": 900_000, "template_params": {"休息方式": "双休"}}

    made = await harness.services.drafting.change_worker(original.id, wanted, OWNER, acting(OWNER), IdempotencyKey())

    new = made.contract
    assert (new.contract_status, new.replaces_contract_id, new.created_by) == (
        S.DRAFT,
        original.id,
        original.created_by,
    )
    assert (new.customer_name, new.customer_id_card) == (original.customer_name, original.customer_id_card)
    assert (new.worker_name, new.worker_address, new.worker_salary_fen) == ("钱嫂", "", 900_000)
    assert (new.start_date, new.end_date) == (date(2026, 5, 1), original.end_date)
    assert new.template_params == {"服务内容": "做饭", "休息方式": "双休"}
    assert await harness.now_is(original.id) == original


async def test_there_is_one_change_of_worker_and_one_renewal_at_a_time(harness: ContractsHarness) -> None:
    original = await harness.add(active())
    drafting = harness.services.drafting

    changes = [drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, IdempotencyKey()) for _ in range(3)]
    renewals = [drafting.renew(original.id, date(2027, 1, 1), {}, BOSS, ACTOR, IdempotencyKey()) for _ in range(3)]
    outcomes = await asyncio.gather(*changes, *renewals, return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes[:3]) == [
        "CreationResult",
        "SuccessorExists",
        "SuccessorExists",
    ]
    assert sorted(type(each).__name__ for each in outcomes[3:]) == ["CreationResult", "RenewalExists", "RenewalExists"]
    assert {SuccessorExists.code, RenewalExists.code} == {"SUCCESSOR_EXISTS", "RENEWAL_EXISTS"}


async def test_a_repeated_change_of_worker_is_one(harness: ContractsHarness) -> None:
    original = await harness.add(active())
    request = IdempotencyKey(key="k", digest="d")

    made = await asyncio.gather(
        *(harness.services.drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, request) for _ in range(3))
    )

    assert len({each.contract.id for each in made}) == 1
    assert [each.is_new for each in made].count(True) == 1


async def test_a_renewal_begins_the_day_after(harness: ContractsHarness) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))

    made = await harness.services.drafting.renew(original.id, date(2027, 4, 30), {}, BOSS, ACTOR, IdempotencyKey())

    assert (made.contract.start_date, made.contract.end_date) == (date(2026, 11, 1), date(2027, 4, 30))
    assert (made.contract.worker_name, made.contract.renews_contract_id) == (original.worker_name, original.id)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("startDate", {"start_date": date(2026, 10, 31)}),
        ("customerName", {"customer_name": "别人"}),
        ("workerIdCard", {"worker_id_card": id_card(50)}),
    ],
)
async def test_a_renewal_is_with_the_same_people_and_for_the_time_after(
    harness: ContractsHarness, field: str, wanted: dict[str, Any]
) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))

    with pytest.raises(InvalidRequest) as refused:
        await harness.services.drafting.renew(original.id, date(2027, 4, 30), wanted, BOSS, ACTOR, IdempotencyKey())

    fields: Any = refused.value.details["fields"]
    assert [each["field"] for each in fields] == [field]


async def test_a_renewal_may_begin_later_and_know_a_new_telephone(harness: ContractsHarness) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))
    wanted = {"start_date": date(2026, 12, 1), "customer_phone": "13800000009"}

    made = await harness.services.drafting.renew(original.id, date(2027, 4, 30), wanted, BOSS, ACTOR, IdempotencyKey())

    assert (made.contract.start_date, made.contract.customer_phone) == (date(2026, 12, 1), "13800000009")


@pytest.mark.parametrize("make", [a_contract, signing, lambda: active(training=True)])
async def test_only_housekeeping_in_force_is_followed_by_another(harness: ContractsHarness, make: Any) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await harness.services.drafting.change_worker(contract.id, NEW_WORKER, BOSS, ACTOR, IdempotencyKey())


# Owners


async def test_a_contract_is_handed_to_staff_who_work_here(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    assign = harness.services.drafting.assign
    harness.people.gone = {"8" * 24}

    with pytest.raises(InvalidRequest):
        await assign(contract.id, "8" * 24, "", BOSS, ACTOR)
    with pytest.raises(PermissionDenied):
        await assign(contract.id, OTHER.id, "", OTHER, acting(OTHER))
    handed = await assign(contract.id, OTHER.id, "离职交接", BOSS, ACTOR)
    again = await assign(contract.id, OTHER.id, "离职交接", BOSS, ACTOR)

    (told,) = harness.contracts.told(ContractChanged)
    assert (handed.created_by, handed.history[-1].note) == (OTHER.id, "离职交接")
    assert (told.former_owner_id, told.card.owner_id) == (STAFF.id, OTHER.id)
    assert again == handed
