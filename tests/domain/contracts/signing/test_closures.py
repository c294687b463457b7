"""Withdrawing, voiding and discarding contracts."""

from typing import Any

import pytest

from domain.contracts.errors import (
    TransitionNotAllowed,
)
from domain.contracts.events import ContractChanged
from domain.contracts.history import Cause
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerState
from domain.shared.authority import Role
from domain.shared.errors import PermissionDenied, UpstreamFailed, UpstreamTimedOut
from tests.domain.contracts.builders import a_contract, acting, active, signing, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, in_force, sent, start_signing, sync

EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus
D = SignerState.SIGNED


async def test_a_withdrawal_takes_effect_when_the_provider_confirms_it(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.failures = [UpstreamTimedOut()]

    asked = await harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)
    harness.clock.advance(minutes=10)
    await harness.services.reconciler.sweep()
    done = await harness.contract_now(contract.id)

    assert asked.contract_status is S.SIGNING
    assert asked.closure is not None
    assert (asked.closure.kind, asked.closure.accepted, asked.closure.problem) == (
        "withdraw",
        False,
        "UPSTREAM_TIMED_OUT",
    )
    assert (done.contract_status, done.cancel_reason, done.cancel_note) == (
        S.CANCELLED,
        CancelReason.WITHDRAWN,
        "客户改期",
    )
    assert done.closure is None


async def test_the_last_signature_wins_over_a_withdrawal(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)

    after = await harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)

    assert (after.contract_status, after.closure) == (S.ACTIVE, None)


async def test_a_contract_that_never_reached_the_provider_is_withdrawn_at_once(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, UpstreamFailed()]
    await start_signing(harness, contract)
    await sync(harness, contract.id)
    harness.provider.processes.clear()

    after = await harness.services.signing.withdraw(contract.id, "录错", BOSS, ACTOR)

    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)


async def test_a_contract_stays_in_force_until_every_party_has_signed_the_voiding(harness: ContractsHarness) -> None:
    contract = await in_force(harness)

    asked = await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)
    twice = await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.VOIDED
    done = await sync(harness, contract.id)

    assert asked.contract_status is twice.contract_status is S.ACTIVE
    assert asked.closure is not None
    assert (asked.closure.kind, asked.closure.accepted) == ("void", True)
    assert harness.provider.processes[contract.esign_contract_no].void_asked == 1
    assert (done.contract_status, done.cancel_reason, done.cancel_note) == (
        S.CANCELLED,
        CancelReason.VOIDED,
        "双方协商",
    )
    assert done.signed_snapshot == contract.signed_snapshot
    with pytest.raises(TransitionNotAllowed):
        await start_signing(harness, done, again=True)


async def test_the_progress_of_a_voiding_is_that_of_the_contract_until_it_is_void(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    asked = await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)

    harness.provider.sign_void(contract.esign_contract_no, 0)
    one = await sync(harness, contract.id)
    cards = [event.card for event in harness.contracts.events_of(ContractChanged)][-3:]
    harness.provider.sign_void(contract.esign_contract_no, 1)
    done = await sync(harness, contract.id)

    waiting = SignerState.SIGNING
    assert [signer.state for signer in asked.progress] == [waiting, waiting, D]
    assert [signer.state for signer in one.progress] == [D, waiting, D]
    assert [sum(signer.state is D for signer in card.signers) for card in cards] == [0, 1, 2]
    assert [(entry.cause, entry.note) for entry in one.history[-3:]] == [
        (Cause.VOID_SENT, ""),
        (Cause.VOID_SIGNED, "公司已签署"),
        (Cause.VOID_SIGNED, "客户已签署"),
    ]
    assert (done.contract_status, done.signed_count()) == (S.CANCELLED, 3)


async def test_an_answer_that_asks_nobody_to_sign_says_nothing_about_a_voiding(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)

    harness.provider.processes[contract.esign_contract_no].void_signed = {0, 1, 2}

    assert (await sync(harness, contract.id)).signed_count() == 1


async def test_nobody_is_waited_for_after_a_withdrawal(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.sign(contract.esign_contract_no, 0)

    after = await harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)

    assert [signer.state for signer in after.progress] == [D, SignerState.UNSIGNED, SignerState.UNSIGNED]


async def test_a_voiding_without_all_signatures_lapses_with_an_event(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)

    harness.clock.advance(days=17)
    await harness.services.reconciler.sweep()
    after = await harness.contract_now(contract.id)

    assert (after.contract_status, after.closure, after.esign_next_poll_at) == (S.ACTIVE, None, None)
    assert after.history[-1].cause is Cause.VOID_LAPSED
    assert harness.contracts.events[-2].type == "contract.changed"


async def test_only_managers_can_void(harness: ContractsHarness) -> None:
    contract = await in_force(harness)

    with pytest.raises(PermissionDenied):
        await harness.services.signing.void(contract.id, "", EMPLOYEE, acting(EMPLOYEE))


@pytest.mark.parametrize(
    ("make", "how"),
    [
        *((a_contract, how) for how in ("withdraw", "void")),
        *((signing, how) for how in ("void", "discard")),
        *((active, how) for how in ("withdraw", "discard")),
    ],
)
async def test_withdraw_void_and_discard_each_require_their_status(
    harness: ContractsHarness, make: Any, how: str
) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await getattr(harness.services.signing, how)(contract.id, "", BOSS, ACTOR)


async def test_cancel_discards_withdraws_or_voids_by_status(harness: ContractsHarness) -> None:
    draft, under_way, in_use = await harness.add(a_contract(1)), await sent(harness, 2), await in_force(harness, 3)
    cancel = harness.services.signing.cancel

    ends = [await cancel(each.id, "改期", BOSS, ACTOR) for each in (draft, under_way, in_use)]

    assert [end.cancel_reason for end in ends] == [CancelReason.DISCARDED, CancelReason.WITHDRAWN, None]
    assert ends[2].closure is not None
