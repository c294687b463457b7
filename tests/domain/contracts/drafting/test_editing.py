"""Editing terms: optimistic locking, frozen terms, the data scope, and assigning to another owner."""

from datetime import date
from typing import Any

import pytest

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.errors import (
    ContractNotFound,
    ContractVersionConflict,
    TermsFrozen,
)
from domain.contracts.events import ContractChanged
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.terms import validated_terms
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest, PermissionDenied
from tests.domain.contracts.builders import STAFF, a_contract, acting, active, signing, staff, terms
from tests.domain.contracts.harness import ContractsHarness

BOSS = staff(Role.ADMIN)
OTHER = staff(Role.EMPLOYEE, "7" * 24)
ACTOR = acting(BOSS)
S = ContractStatus


async def test_an_edit_notes_its_fields_and_an_outdated_version_conflicts(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract
    update = harness.services.drafting.update

    changed = await update(made.id, {"remarks": "新备注", "customer_name": made.customer_name}, 1, BOSS, ACTOR)
    with pytest.raises(ContractVersionConflict) as refused:
        await update(made.id, {"remarks": "别的"}, 1, BOSS, ACTOR)

    assert (changed.remarks, changed.history[-1].note, changed.last_updated_by) == ("新备注", "remarks", BOSS.id)
    assert refused.value.details == {"version": 2}


async def test_an_edit_without_changes_does_not_save(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract

    assert await harness.services.drafting.update(made.id, {"remarks": made.remarks}, None, BOSS, ACTOR) == made


async def test_a_technical_save_in_between_does_not_conflict_with_an_edit(harness: ContractsHarness) -> None:
    made = (await harness.services.drafting.create(validated_terms(terms()), BOSS, ACTOR, IdempotencyKey())).contract
    await harness.contracts.save(made.with_fields(esign_polls=1), [])

    changed = await harness.services.drafting.update(made.id, {"remarks": "新"}, made.version, BOSS, ACTOR)

    assert changed.version == 3


@pytest.mark.parametrize("make", [signing, active])
async def test_terms_are_frozen_once_signing_starts_except_contact_details(
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
        assert changed.signed_snapshot.terms.customer_phone == contract.customer_phone  # the snapshot does not change


async def test_terms_are_editable_after_a_failed_signing_attempt(harness: ContractsHarness) -> None:
    ended = signing().with_fields(contract_status=S.CANCELLED, cancel_reason=CancelReason.REJECTED)
    contract = await harness.add(ended)

    changed = await harness.services.drafting.update(contract.id, {"worker_salary_fen": 900_000}, None, BOSS, ACTOR)

    assert changed.worker_salary_fen == 900_000


@pytest.mark.parametrize("status", [S.REPLACED, S.GRADUATED, S.REFUNDED])
async def test_a_contract_in_a_final_status_cannot_be_edited(harness: ContractsHarness, status: ContractStatus) -> None:
    contract = await harness.add(a_contract(contract_status=status))

    with pytest.raises(TermsFrozen):
        await harness.services.drafting.update(contract.id, {"remarks": "新"}, None, BOSS, ACTOR)


async def test_a_contract_outside_of_the_data_scope_is_not_found(harness: ContractsHarness) -> None:
    contract = await harness.add(active(created_by=BOSS.id))
    drafting = harness.services.drafting

    for work in (
        drafting.update(contract.id, {"remarks": "x"}, None, OTHER, acting(OTHER)),
        drafting.change_worker(contract.id, {}, OTHER, acting(OTHER), IdempotencyKey()),
        drafting.renew(contract.id, date(2027, 1, 1), {}, OTHER, acting(OTHER), IdempotencyKey()),
    ):
        with pytest.raises(ContractNotFound):
            await work


async def test_a_contract_is_assigned_only_to_active_staff(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    assign = harness.services.drafting.assign
    harness.people.departed = {"8" * 24}

    with pytest.raises(InvalidRequest):
        await assign(contract.id, "8" * 24, "", BOSS, ACTOR)
    with pytest.raises(PermissionDenied):
        await assign(contract.id, OTHER.id, "", OTHER, acting(OTHER))
    assigned = await assign(contract.id, OTHER.id, "离职交接", BOSS, ACTOR)
    again = await assign(contract.id, OTHER.id, "离职交接", BOSS, ACTOR)

    (event,) = harness.contracts.events_of(ContractChanged)
    assert (assigned.created_by, assigned.history[-1].note) == (OTHER.id, "离职交接")
    assert (event.former_owner_id, event.card.owner_id) == (STAFF.id, OTHER.id)
    assert again == assigned
