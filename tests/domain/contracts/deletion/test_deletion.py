"""Deletion by administrators, and deletion requests with their decisions."""

import asyncio
from typing import Any

import pytest

from domain.contracts.errors import (
    ApprovalDecided,
    ApprovalNotFound,
    ContractNotFound,
    DeletionPending,
    DeletionRefused,
)
from domain.contracts.events import ContractChanged, StaffNoticeDue
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.shared.authority import Role
from domain.shared.errors import PermissionDenied
from domain.shared.paging import PageRequest
from tests.domain.contracts.builders import STAFF, a_contract, acting, active, signing, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, sent, start_signing

EMPLOYEE, OTHER, MANAGER = staff(Role.EMPLOYEE), staff(Role.EMPLOYEE, "7" * 24), staff(Role.MANAGER, "6" * 24)
S = ContractStatus


async def request(harness: ContractsHarness, contract_id: str) -> str:
    return (await harness.services.deletion.request(contract_id, "录错", EMPLOYEE, acting(EMPLOYEE))).id


async def test_an_approved_request_deletes_the_contract(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    request_id = await request(harness, contract.id)

    approval = await harness.services.deletion.approve(request_id, "同意", BOSS, ACTOR)

    assert await harness.contracts.find(contract.id) is None
    assert (approval.request.status, approval.request.comment) == ("approved", "同意")
    assert harness.contracts.events_of(ContractChanged)[-1].card.is_deleted
    notices = [
        (notice.kind, notice.to_staff, notice.to_admins) for notice in harness.contracts.events_of(StaffNoticeDue)
    ]
    assert notices == [
        ("CONTRACT_APPROVAL_REQUESTED", (), True),
        ("CONTRACT_APPROVAL_APPROVED", (EMPLOYEE.id,), False),
    ]


async def test_a_rejected_request_keeps_the_contract_and_allows_another_request(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    deletion = harness.services.deletion

    refused = await deletion.reject(await request(harness, contract.id), "请保留", BOSS, ACTOR)
    again = await request(harness, contract.id)

    assert (refused.request.status, refused.request.comment) == ("rejected", "请保留")
    assert (await harness.contract_now(contract.id)).contract_status is S.DRAFT
    assert (await deletion.find(again, EMPLOYEE)).request.status == "pending"


async def test_a_contract_has_at_most_one_pending_deletion_request(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())

    outcomes = await asyncio.gather(*(request(harness, contract.id) for _ in range(4)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == [*["DeletionPending"] * 3, "str"]
    assert DeletionPending.code == "DELETION_PENDING"
    assert len(harness.approvals.stored) == 1


async def test_simultaneous_decisions_decide_once(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    request_id = await request(harness, contract.id)
    deletion = harness.services.deletion

    outcomes = await asyncio.gather(
        deletion.approve(request_id, "好", BOSS, ACTOR),
        deletion.reject(request_id, "不", BOSS, ACTOR),
        return_exceptions=True,
    )

    failed = [each for each in outcomes if isinstance(each, BaseException)]
    assert len(failed) == 1
    assert isinstance(failed[0], ApprovalDecided | ContractNotFound)
    with pytest.raises((ApprovalDecided, ContractNotFound)):
        await deletion.reject(request_id, "不", BOSS, ACTOR)


@pytest.mark.parametrize("make", [signing, active])
async def test_a_contract_that_was_signed_or_can_be_signed_is_not_deleted(harness: ContractsHarness, make: Any) -> None:
    contract = await harness.add(make())

    with pytest.raises(DeletionRefused):
        await harness.services.deletion.delete(contract.id, "", BOSS, ACTOR)
    with pytest.raises(DeletionRefused):
        await request(harness, contract.id)


async def test_a_voided_contract_is_not_deleted(harness: ContractsHarness) -> None:
    void = active().with_fields(contract_status=S.CANCELLED, cancel_reason=CancelReason.VOIDED)
    contract = await harness.add(void)

    with pytest.raises(DeletionRefused):
        await harness.services.deletion.delete(contract.id, "", BOSS, ACTOR)


async def test_a_contract_that_all_parties_signed_is_never_deleted(harness: ContractsHarness) -> None:
    signed = active().with_fields(contract_status=S.CANCELLED, cancel_reason=CancelReason.WITHDRAWN)
    contract = await harness.add(signed)

    with pytest.raises(DeletionRefused):
        await harness.services.deletion.delete(contract.id, "", BOSS, ACTOR)


async def test_a_request_is_refused_when_signing_has_started_meanwhile(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    request_id = await request(harness, contract.id)
    await start_signing(harness, await harness.contract_now(contract.id))

    with pytest.raises(DeletionRefused):
        await harness.services.deletion.approve(request_id, "好", BOSS, ACTOR)

    assert (await harness.contract_now(contract.id)).contract_status is S.SIGNING
    assert (await harness.services.deletion.find(request_id, BOSS)).request.status == "pending"


async def test_an_immediate_deletion_approves_the_pending_request(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    request_id = await request(harness, contract.id)

    await harness.services.deletion.delete(contract.id, "重复", BOSS, ACTOR)

    assert await harness.contracts.find(contract.id) is None
    assert (await harness.services.deletion.find(request_id, EMPLOYEE)).request.status == "approved"


async def test_a_deletion_does_not_touch_related_contracts(harness: ContractsHarness) -> None:
    original = await harness.add(active(1))
    successor = await harness.add(a_contract(2, replaces_contract_id=original.id, additional_order=True))

    await harness.services.deletion.delete(successor.id, "", BOSS, ACTOR)

    assert await harness.contract_now(original.id) == original


async def test_a_deleted_contract_is_not_polled(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    cancelled = await harness.services.signing.withdraw(contract.id, "录错", BOSS, ACTOR)
    await harness.services.deletion.delete(contract.id, "", BOSS, ACTOR)
    request_id = len(harness.provider.calls)

    harness.clock.advance(days=1)
    await harness.services.reconciler.sweep()

    assert cancelled.contract_status is S.CANCELLED
    assert len(harness.provider.calls) == request_id


async def test_authors_see_their_requests_and_administrators_decide(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract(created_by=STAFF.id))
    request_id = await request(harness, contract.id)
    deletion = harness.services.deletion

    for by in (EMPLOYEE, MANAGER):
        for work in (
            deletion.approve(request_id, "", by, acting(by)),
            deletion.reject(request_id, "", by, acting(by)),
            deletion.delete(contract.id, "", by, acting(by)),
            deletion.page(None, PageRequest(), by),
        ):
            with pytest.raises(PermissionDenied):
                await work
    with pytest.raises(ContractNotFound):
        await deletion.request(contract.id, "", OTHER, acting(OTHER))
    with pytest.raises(ApprovalNotFound):
        await deletion.find(request_id, OTHER)
    assert (await deletion.find(request_id, EMPLOYEE)).id == request_id
    assert [each.id for each in (await deletion.own_page(PageRequest(), EMPLOYEE)).list] == [request_id]
    assert (await deletion.own_page(PageRequest(), OTHER)).total == 0
    assert (await deletion.page("pending", PageRequest(), BOSS)).total == 1


async def test_a_lost_approval_row_is_restored_from_the_contract(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    request_id = await request(harness, contract.id)
    harness.approvals.stored.clear()  # the app process stopped right after the contract was saved

    await harness.relay()

    assert (await harness.services.deletion.find(request_id, BOSS)).contract_id == contract.id
