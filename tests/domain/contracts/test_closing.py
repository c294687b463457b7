"""Taking a contract back in two steps, and looking after what nobody told of."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.contracts.errors import (
    SigningRefused,
    TransitionNotAllowed,
)
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerState
from domain.shared.authority import Role
from domain.shared.errors import DomainError, PermissionDenied, UpstreamFailed, UpstreamTimedOut
from tests.background import in_background
from tests.domain.contracts.builders import a_contract, acting, active, signing, staff
from tests.domain.contracts.fakes import ContractsHarness, Process, SoleLease, contracts_harness
from tests.domain.contracts.stories import begin, in_force, sent, sync

BOSS, EMPLOYEE = staff(Role.ADMIN), staff(Role.EMPLOYEE)
ACTOR = acting(BOSS)
S = ContractStatus
D = SignerState.SIGNED


# Taking it back, in two steps


async def test_a_withdrawal_counts_once_the_provider_has_done_it(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.failures = [UpstreamTimedOut()]

    asked = await harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)
    harness.clock.advance(minutes=10)
    await harness.services.reconciler.sweep()
    done = await harness.now_is(contract.id)

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


async def test_whoever_signs_last_is_quicker_than_a_withdrawal(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)

    after = await harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)

    assert (after.contract_status, after.closure) == (S.ACTIVE, None)


async def test_what_never_reached_the_provider_is_withdrawn_without_it(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, UpstreamFailed()]
    await begin(harness, contract)
    await sync(harness, contract.id)
    harness.provider.processes.clear()

    after = await harness.services.signing.withdraw(contract.id, "录错", BOSS, ACTOR)

    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)


async def test_a_void_leaves_it_in_force_until_every_party_signed_that(harness: ContractsHarness) -> None:
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
        await begin(harness, done, again=True)


async def test_a_void_that_not_everybody_signs_lapses_and_that_is_told(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    await harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)

    harness.clock.advance(days=17)
    await harness.services.reconciler.sweep()
    after = await harness.now_is(contract.id)

    assert (after.contract_status, after.closure, after.esign_next_poll_at) == (S.ACTIVE, None, None)
    assert after.history[-1].cause is Cause.VOID_LAPSED
    assert harness.contracts.events[-2].type == "contract.changed"


async def test_only_managers_void(harness: ContractsHarness) -> None:
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
async def test_each_end_is_for_its_own_status(harness: ContractsHarness, make: Any, how: str) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await getattr(harness.services.signing, how)(contract.id, "", BOSS, ACTOR)


async def test_cancelling_does_whichever_fits(harness: ContractsHarness) -> None:
    draft, under_way, in_use = await harness.add(a_contract(1)), await sent(harness, 2), await in_force(harness, 3)
    cancel = harness.services.signing.cancel

    ends = [await cancel(each.id, "改期", BOSS, ACTOR) for each in (draft, under_way, in_use)]

    assert [end.cancel_reason for end in ends] == [CancelReason.DISCARDED, CancelReason.WITHDRAWN, None]
    assert ends[2].closure is not None


# Looking after what nobody told of


async def test_the_provider_is_asked_ever_more_slowly_and_soon_again_after_something_happened(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness)
    delays = []
    for _ in range(9):
        due = (await harness.now_is(contract.id)).esign_next_poll_at
        assert due is not None
        delays.append((due - harness.clock.now()).total_seconds())
        harness.clock.time = due
        await harness.services.reconciler.sweep()
    harness.provider.sign(contract.esign_contract_no, 0)
    harness.clock.advance(hours=1)
    await harness.services.reconciler.sweep()
    due = (await harness.now_is(contract.id)).esign_next_poll_at

    assert delays == sorted(delays)
    assert set(delays) <= set(PollingSchedule().delays_seconds)
    assert delays[-1] == 1800
    assert due == harness.clock.now() + timedelta(seconds=30)


async def test_what_is_not_due_is_not_asked_about(harness: ContractsHarness) -> None:
    await sent(harness)
    asked = harness.provider.count("state_of")

    await harness.services.reconciler.sweep()

    assert harness.provider.count("state_of") == asked


@pytest.mark.parametrize("failure", [UpstreamFailed, UpstreamTimedOut, SigningRefused, TransitionNotAllowed])
async def test_a_hundred_that_fail_do_not_keep_another_waiting(
    harness: ContractsHarness, failure: type[DomainError]
) -> None:
    for number in range(1, 101):
        early = harness.clock.now() - timedelta(days=1)
        await harness.add(signing(number).with_fields(esign_next_poll_at=early))
    last = await sent(harness, 500)
    harness.provider.sign_all(last.esign_contract_no)
    harness.provider.failures = [failure() for _ in range(100)]
    harness.clock.advance(seconds=61)

    for _ in range(3):
        await harness.services.reconciler.sweep()

    assert (await harness.now_is(last.id)).contract_status is S.ACTIVE


def waiting(harness: ContractsHarness) -> list[Any]:
    """When each message is looked at again; None: never."""
    return [at for _, at in harness.callbacks.stored.values()]


async def test_a_message_finds_its_contract_also_when_it_comes_too_early(harness: ContractsHarness) -> None:
    receive = harness.services.callbacks.receive
    await receive({"contractNo": f"{a_contract().contract_number}-1", "status": "2"})
    await harness.until(lambda: waiting(harness) != [harness.clock.now()])
    (waits,) = waiting(harness)
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)

    harness.clock.advance(seconds=5)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: waiting(harness) == [None])

    assert waits is not None
    assert (await harness.now_is(contract.id)).contract_status is S.ACTIVE


async def test_messages_that_come_together_are_one_reason_to_look(
    harness: ContractsHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)
    looked_for: list[str] = []
    find = harness.contracts.find_by_esign_no

    async def noted(contract_no: str) -> Contract | None:
        looked_for.append(contract_no)
        return await find(contract_no)

    monkeypatch.setattr(harness.contracts, "find_by_esign_no", noted)
    asked = harness.provider.count("state_of")
    for status in ("1", "2", "3"):
        await harness.services.callbacks.receive({"contractNo": contract.esign_contract_no, "status": status})

    await harness.until(lambda: waiting(harness) == [None] * 3)

    assert harness.status_of(contract.id) is S.ACTIVE
    assert (len(looked_for), harness.provider.count("state_of")) == (1, asked + 1)


async def test_a_message_about_nobodys_contract_is_given_up_after_a_day(harness: ContractsHarness) -> None:
    await harness.services.callbacks.receive({"contractNo": "CON9-1", "status": "2"})
    await harness.until(lambda: waiting(harness) != [harness.clock.now()])

    harness.clock.advance(hours=13)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: waiting(harness) > [harness.clock.now()])
    harness.clock.advance(hours=12)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: waiting(harness) == [None])

    assert harness.contracts.stored == {}


async def test_that_it_has_failed_is_believed_though_the_provider_is_vague_afterwards(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.UNCLEAR

    await harness.services.callbacks.receive({"contractNo": contract.esign_contract_no, "status": "-3"})
    await harness.until(lambda: harness.status_of(contract.id) is S.CANCELLED)

    after = await harness.now_is(contract.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)


async def test_only_the_worker_that_holds_the_lease_looks_after_contracts() -> None:
    contract = signing()
    asked = []
    for held in (False, True):
        harness = contracts_harness(SoleLease(held), PollingSchedule(sweep_seconds=0.001))
        await harness.add(contract.with_fields(esign_next_poll_at=contract.created_at))
        async with in_background(harness.services.reconciler.background, SoleLease(held)):
            if held:
                await harness.until(lambda: harness.provider.calls != [])  # noqa: B023  # this round's
            else:
                await asyncio.sleep(0.05)
        asked.append(harness.provider.count("state_of") > 0)

    assert asked == [False, True]


async def test_a_worker_that_died_right_after_the_last_signature_leaves_nothing_that_is_asked_about_for_ever(
    harness: ContractsHarness,
) -> None:
    contract = await harness.add(active().with_fields(esign_next_poll_at=harness.clock.now()))
    harness.provider.failures = [UpstreamFailed()]

    await harness.services.reconciler.sweep()
    postponed = await harness.now_is(contract.id)
    harness.provider.processes[contract.esign_contract_no] = Process(contract.signers, ProviderStatus.COMPLETE, [D] * 3)
    harness.clock.advance(hours=1)
    await harness.services.reconciler.sweep()

    assert postponed.esign_next_poll_at is not None
    assert postponed.esign_next_poll_at > contract.created_at
    assert (await harness.now_is(contract.id)).esign_next_poll_at is None
