"""Polling the provider, and callbacks: schedules, retries and the lease."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.contracts.errors import (
    SigningRefused,
    TransitionNotAllowed,
)
from domain.contracts.model import Contract
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerState
from domain.shared.errors import DomainError, UpstreamFailed, UpstreamTimedOut
from tests.background import in_background
from tests.domain.contracts.builders import a_contract, active, signing
from tests.domain.contracts.harness import ContractsHarness, FakeLease, FakeSigningProcess, contracts_harness
from tests.domain.contracts.scenarios import sent

S = ContractStatus
D = SignerState.SIGNED


async def test_polling_slows_down_and_starts_again_after_a_change(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness)
    delays = []
    for _ in range(9):
        due = (await harness.contract_now(contract.id)).esign_next_poll_at
        assert due is not None
        delays.append((due - harness.clock.now()).total_seconds())
        harness.clock.time = due
        await harness.services.reconciler.sweep()
    harness.provider.sign(contract.esign_contract_no, 0)
    harness.clock.advance(hours=1)
    await harness.services.reconciler.sweep()
    due = (await harness.contract_now(contract.id)).esign_next_poll_at

    assert delays == sorted(delays)
    assert set(delays) <= set(PollingSchedule().delays_seconds)
    assert delays[-1] == 1800
    assert due == harness.clock.now() + timedelta(seconds=30)


async def test_a_contract_that_is_not_due_is_not_polled(harness: ContractsHarness) -> None:
    await sent(harness)
    asked = harness.provider.count("state_of")

    await harness.services.reconciler.sweep()

    assert harness.provider.count("state_of") == asked


@pytest.mark.parametrize("failure", [UpstreamFailed, UpstreamTimedOut, SigningRefused, TransitionNotAllowed])
async def test_a_hundred_failing_contracts_do_not_delay_another(
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

    assert (await harness.contract_now(last.id)).contract_status is S.ACTIVE


def next_tries(harness: ContractsHarness) -> list[Any]:
    """The next try of each callback; None for a processed one."""
    return [at for _, at in harness.callbacks.stored.values()]


async def test_a_callback_that_arrives_before_its_contract_is_saved_is_retried(harness: ContractsHarness) -> None:
    receive = harness.services.callbacks.receive
    await receive({"contractNo": f"{a_contract().contract_number}-1", "status": "2"})
    await harness.until(lambda: next_tries(harness) != [harness.clock.now()])
    (waits,) = next_tries(harness)
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)

    harness.clock.advance(seconds=5)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: next_tries(harness) == [None])

    assert waits is not None
    assert (await harness.contract_now(contract.id)).contract_status is S.ACTIVE


async def test_simultaneous_callbacks_of_a_contract_cause_one_state_query(
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

    await harness.until(lambda: next_tries(harness) == [None] * 3)

    assert harness.status_of(contract.id) is S.ACTIVE
    assert (len(looked_for), harness.provider.count("state_of")) == (1, asked + 1)


async def test_a_callback_about_an_unknown_contract_is_dropped_after_a_day(harness: ContractsHarness) -> None:
    await harness.services.callbacks.receive({"contractNo": "CON9-1", "status": "2"})
    await harness.until(lambda: next_tries(harness) != [harness.clock.now()])

    harness.clock.advance(hours=13)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: next_tries(harness) > [harness.clock.now()])
    harness.clock.advance(hours=12)
    await harness.services.reconciler.sweep()
    await harness.until(lambda: next_tries(harness) == [None])

    assert harness.contracts.stored == {}


async def test_a_callback_that_reports_failure_counts_even_if_the_state_is_unclear_later(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.UNCLEAR

    await harness.services.callbacks.receive({"contractNo": contract.esign_contract_no, "status": "-3"})
    await harness.until(lambda: harness.status_of(contract.id) is S.CANCELLED)

    after = await harness.contract_now(contract.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)


async def test_only_the_app_process_with_the_lease_polls_the_provider() -> None:
    contract = signing()
    asked = []
    for held in (False, True):
        harness = contracts_harness(PollingSchedule(sweep_seconds=0.001))
        await harness.add(contract.with_fields(esign_next_poll_at=contract.created_at))
        async with in_background(harness.services.reconciler.background, FakeLease(held)):
            if held:
                await harness.until(lambda: harness.provider.calls != [])  # noqa: B023  # this round's
            else:
                await asyncio.sleep(0.05)
        asked.append(harness.provider.count("state_of") > 0)

    assert asked == [False, True]


async def test_a_poll_time_that_a_crash_left_on_an_active_contract_is_cleared(
    harness: ContractsHarness,
) -> None:
    contract = await harness.add(active().with_fields(esign_next_poll_at=harness.clock.now()))
    harness.provider.failures = [UpstreamFailed()]

    await harness.services.reconciler.sweep()
    postponed = await harness.contract_now(contract.id)
    harness.provider.processes[contract.esign_contract_no] = FakeSigningProcess(
        contract.signers, ProviderStatus.COMPLETE, [D] * 3
    )
    harness.clock.advance(hours=1)
    await harness.services.reconciler.sweep()

    assert postponed.esign_next_poll_at is not None
    assert postponed.esign_next_poll_at > contract.created_at
    assert (await harness.contract_now(contract.id)).esign_next_poll_at is None
