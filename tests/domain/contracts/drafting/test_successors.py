"""Successors of a contract in force: a change of worker, and a renewal."""

import asyncio
from datetime import date
from typing import Any

import pytest

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.errors import (
    RenewalExists,
    SuccessorExists,
    TransitionNotAllowed,
)
from domain.contracts.statuses import ContractStatus
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest
from tests.domain.contracts.builders import STAFF, a_contract, acting, active, id_card, signing, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import NEW_WORKER, in_force, start_signing

BOSS, OWNER = staff(Role.ADMIN), staff(Role.EMPLOYEE, STAFF.id)
ACTOR = acting(BOSS)
S = ContractStatus


async def test_a_change_of_worker_creates_a_draft_and_the_original_stays_in_force(harness: ContractsHarness) -> None:
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
    assert await harness.contract_now(original.id) == original


async def test_a_contract_has_at_most_one_open_change_of_worker_and_one_open_renewal(harness: ContractsHarness) -> None:
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


async def test_a_change_of_worker_with_the_same_idempotency_key_creates_one_contract(harness: ContractsHarness) -> None:
    original = await harness.add(active())
    request = IdempotencyKey(key="k", digest="d")

    made = await asyncio.gather(
        *(harness.services.drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, request) for _ in range(3))
    )

    assert len({each.contract.id for each in made}) == 1
    assert [each.is_new for each in made].count(True) == 1


async def test_a_renewal_starts_the_day_after_the_original_ends(harness: ContractsHarness) -> None:
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
async def test_a_renewal_keeps_the_parties_and_does_not_overlap_the_original(
    harness: ContractsHarness, field: str, wanted: dict[str, Any]
) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))

    with pytest.raises(InvalidRequest) as refused:
        await harness.services.drafting.renew(original.id, date(2027, 4, 30), wanted, BOSS, ACTOR, IdempotencyKey())

    fields: Any = refused.value.details["fields"]
    assert [each["field"] for each in fields] == [field]


async def test_a_renewal_may_start_later_and_have_a_new_phone(harness: ContractsHarness) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))
    wanted = {"start_date": date(2026, 12, 1), "customer_phone": "13800000009"}

    made = await harness.services.drafting.renew(original.id, date(2027, 4, 30), wanted, BOSS, ACTOR, IdempotencyKey())

    assert (made.contract.start_date, made.contract.customer_phone) == (date(2026, 12, 1), "13800000009")


@pytest.mark.parametrize("make", [a_contract, signing, lambda: active(training=True)])
async def test_only_a_housekeeping_contract_in_force_gets_a_change_of_worker(
    harness: ContractsHarness, make: Any
) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await harness.services.drafting.change_worker(contract.id, NEW_WORKER, BOSS, ACTOR, IdempotencyKey())


async def test_a_contract_whose_voiding_runs_gets_no_successor(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    drafting, key = harness.services.drafting, IdempotencyKey()
    drafted = (await drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, key)).contract
    await harness.services.signing.void(original.id, "协商解除", BOSS, ACTOR)

    for refused in (
        drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, key),
        drafting.renew(original.id, date(2028, 10, 31), {}, BOSS, ACTOR, key),
        start_signing(harness, drafted),
    ):
        with pytest.raises(TransitionNotAllowed) as error:
            await refused
        assert error.value.details == {"current": "active", "hindrance": "being_voided"}


async def test_a_new_worker_does_not_start_before_the_original(harness: ContractsHarness) -> None:
    original = await harness.add(active(start_date=date(2026, 6, 1)))
    drafting, before = harness.services.drafting, {"start_date": date(2026, 5, 31)}

    with pytest.raises(InvalidRequest):
        await drafting.change_worker(original.id, {**NEW_WORKER, **before}, BOSS, ACTOR, IdempotencyKey())
    made = (await drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, IdempotencyKey())).contract
    with pytest.raises(InvalidRequest):
        await drafting.update(made.id, before, None, BOSS, ACTOR)

    assert made.start_date == original.start_date


async def test_an_edited_renewal_stays_one(harness: ContractsHarness) -> None:
    original = await harness.add(active(end_date=date(2026, 10, 31)))
    drafting = harness.services.drafting
    made = await drafting.renew(original.id, date(2027, 4, 30), {}, BOSS, ACTOR, IdempotencyKey())

    for wanted in ({"start_date": date(2026, 10, 31)}, {"worker_name": "别人"}):
        with pytest.raises(InvalidRequest):
            await drafting.update(made.contract.id, wanted, None, BOSS, ACTOR)


async def test_a_successor_leaves_terms_of_another_category_behind(harness: ContractsHarness) -> None:
    original = await harness.add(active(consult_position="月嫂", course_amount_fen=1))

    made = await harness.services.drafting.change_worker(original.id, NEW_WORKER, BOSS, ACTOR, IdempotencyKey())

    assert (made.contract.consult_position, made.contract.course_amount_fen) == ("", None)
