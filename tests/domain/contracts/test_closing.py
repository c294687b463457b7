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
from tests.domain.contracts.fakes import Office, Process, SoleLease, an_office
from tests.domain.contracts.stories import begin, in_force, sent, sync

BOSS, EMPLOYEE = staff(Role.ADMIN), staff(Role.EMPLOYEE)
ACTOR = acting(BOSS)
S = ContractStatus
D = SignerState.SIGNED


# Taking it back, in two steps


async def test_a_withdrawal_counts_once_the_provider_has_done_it(office: Office) -> None:
    contract = await sent(office)
    office.provider.failures = [UpstreamTimedOut()]

    asked = await office.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)
    office.clock.advance(minutes=10)
    await office.services.reconciler.sweep()
    done = await office.now_is(contract.id)

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


async def test_whoever_signs_last_is_quicker_than_a_withdrawal(office: Office) -> None:
    contract = await sent(office)
    office.provider.sign_all(contract.esign_contract_no)

    after = await office.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR)

    assert (after.contract_status, after.closure) == (S.ACTIVE, None)


async def test_what_never_reached_the_provider_is_withdrawn_without_it(office: Office) -> None:
    contract = await office.add(a_contract())
    office.provider.failures = [None, UpstreamFailed()]
    await begin(office, contract)
    await sync(office, contract.id)
    office.provider.processes.clear()

    after = await office.services.signing.withdraw(contract.id, "录错", BOSS, ACTOR)

    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)


async def test_a_void_leaves_it_in_force_until_every_party_signed_that(office: Office) -> None:
    contract = await in_force(office)

    asked = await office.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)
    twice = await office.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)
    office.provider.processes[contract.esign_contract_no].standing = ProviderStatus.VOIDED
    done = await sync(office, contract.id)

    assert asked.contract_status is twice.contract_status is S.ACTIVE
    assert asked.closure is not None
    assert (asked.closure.kind, asked.closure.accepted) == ("void", True)
    assert office.provider.processes[contract.esign_contract_no].void_asked == 1
    assert (done.contract_status, done.cancel_reason, done.cancel_note) == (
        S.CANCELLED,
        CancelReason.VOIDED,
        "双方协商",
    )
    assert done.signed_snapshot == contract.signed_snapshot
    with pytest.raises(TransitionNotAllowed):
        await begin(office, done, again=True)


async def test_a_void_that_not_everybody_signs_lapses_and_that_is_told(office: Office) -> None:
    contract = await in_force(office)
    await office.services.signing.void(contract.id, "双方协商", BOSS, ACTOR)

    office.clock.advance(days=17)
    await office.services.reconciler.sweep()
    after = await office.now_is(contract.id)

    assert (after.contract_status, after.closure, after.esign_next_poll_at) == (S.ACTIVE, None, None)
    assert after.history[-1].cause is Cause.VOID_LAPSED
    assert office.contracts.events[-2].type == "contract.changed"


async def test_only_managers_void(office: Office) -> None:
    contract = await in_force(office)

    with pytest.raises(PermissionDenied):
        await office.services.signing.void(contract.id, "", EMPLOYEE, acting(EMPLOYEE))


@pytest.mark.parametrize(
    ("make", "how"),
    [
        *((a_contract, how) for how in ("withdraw", "void")),
        *((signing, how) for how in ("void", "discard")),
        *((active, how) for how in ("withdraw", "discard")),
    ],
)
async def test_each_end_is_for_its_own_status(office: Office, make: Any, how: str) -> None:
    contract = await office.add(make())

    with pytest.raises(TransitionNotAllowed):
        await getattr(office.services.signing, how)(contract.id, "", BOSS, ACTOR)


async def test_cancelling_does_whichever_fits(office: Office) -> None:
    draft, under_way, in_use = await office.add(a_contract(1)), await sent(office, 2), await in_force(office, 3)
    cancel = office.services.signing.cancel

    ends = [await cancel(each.id, "改期", BOSS, ACTOR) for each in (draft, under_way, in_use)]

    assert [end.cancel_reason for end in ends] == [CancelReason.DISCARDED, CancelReason.WITHDRAWN, None]
    assert ends[2].closure is not None


# Looking after what nobody told of


async def test_the_provider_is_asked_ever_more_slowly_and_soon_again_after_something_happened(office: Office) -> None:
    contract = await sent(office)
    delays = []
    for _ in range(9):
        due = (await office.now_is(contract.id)).esign_next_poll_at
        assert due is not None
        delays.append((due - office.clock.now()).total_seconds())
        office.clock.time = due
        await office.services.reconciler.sweep()
    office.provider.sign(contract.esign_contract_no, 0)
    office.clock.advance(hours=1)
    await office.services.reconciler.sweep()
    due = (await office.now_is(contract.id)).esign_next_poll_at

    assert delays == sorted(delays)
    assert set(delays) <= set(PollingSchedule().delays_seconds)
    assert delays[-1] == 1800
    assert due == office.clock.now() + timedelta(seconds=30)


async def test_what_is_not_due_is_not_asked_about(office: Office) -> None:
    await sent(office)
    asked = office.provider.count("state_of")

    await office.services.reconciler.sweep()

    assert office.provider.count("state_of") == asked


@pytest.mark.parametrize("failure", [UpstreamFailed, UpstreamTimedOut, SigningRefused, TransitionNotAllowed])
async def test_a_hundred_that_fail_do_not_keep_another_waiting(office: Office, failure: type[DomainError]) -> None:
    for number in range(1, 101):
        early = office.clock.now() - timedelta(days=1)
        await office.add(signing(number).noticed(esign_next_poll_at=early))
    last = await sent(office, 500)
    office.provider.sign_all(last.esign_contract_no)
    office.provider.failures = [failure() for _ in range(100)]
    office.clock.advance(seconds=61)

    for _ in range(3):
        await office.services.reconciler.sweep()

    assert (await office.now_is(last.id)).contract_status is S.ACTIVE


def waiting(office: Office) -> list[Any]:
    """When each message is looked at again; None: never."""
    return [at for _, at in office.callbacks.stored.values()]


async def test_a_message_finds_its_contract_also_when_it_comes_too_early(office: Office) -> None:
    receive = office.services.callbacks.receive
    await receive({"contractNo": f"{a_contract().contract_number}-1", "status": "2"})
    await office.until(lambda: waiting(office) != [office.clock.now()])
    (waits,) = waiting(office)
    contract = await sent(office)
    office.provider.sign_all(contract.esign_contract_no)

    office.clock.advance(seconds=5)
    await office.services.reconciler.sweep()
    await office.until(lambda: waiting(office) == [None])

    assert waits is not None
    assert (await office.now_is(contract.id)).contract_status is S.ACTIVE


async def test_messages_that_come_together_are_one_reason_to_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = await sent(office)
    office.provider.sign_all(contract.esign_contract_no)
    looked_for: list[str] = []
    find = office.contracts.find_by_esign_no

    async def noted(contract_no: str) -> Contract | None:
        looked_for.append(contract_no)
        return await find(contract_no)

    monkeypatch.setattr(office.contracts, "find_by_esign_no", noted)
    asked = office.provider.count("state_of")
    for status in ("1", "2", "3"):
        await office.services.callbacks.receive({"contractNo": contract.esign_contract_no, "status": status})

    await office.until(lambda: waiting(office) == [None] * 3)

    assert office.status_of(contract.id) is S.ACTIVE
    assert (len(looked_for), office.provider.count("state_of")) == (1, asked + 1)


async def test_a_message_about_nobodys_contract_is_given_up_after_a_day(office: Office) -> None:
    await office.services.callbacks.receive({"contractNo": "CON9-1", "status": "2"})
    await office.until(lambda: waiting(office) != [office.clock.now()])

    office.clock.advance(hours=13)
    await office.services.reconciler.sweep()
    await office.until(lambda: waiting(office) > [office.clock.now()])
    office.clock.advance(hours=12)
    await office.services.reconciler.sweep()
    await office.until(lambda: waiting(office) == [None])

    assert office.contracts.stored == {}


async def test_that_it_has_failed_is_believed_though_the_provider_is_vague_afterwards(office: Office) -> None:
    contract = await sent(office)
    office.provider.processes[contract.esign_contract_no].standing = ProviderStatus.UNCLEAR

    await office.services.callbacks.receive({"contractNo": contract.esign_contract_no, "status": "-3"})
    await office.until(lambda: office.status_of(contract.id) is S.CANCELLED)

    after = await office.now_is(contract.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)


async def test_only_the_worker_that_holds_the_lease_looks_after_contracts() -> None:
    contract = signing()
    asked = []
    for held in (False, True):
        office = an_office(SoleLease(held), PollingSchedule(sweep_seconds=0.001))
        await office.add(contract.noticed(esign_next_poll_at=contract.created_at))
        async with in_background(office.services.reconciler.background, SoleLease(held)):
            if held:
                await office.until(lambda: office.provider.calls != [])  # noqa: B023  # this round's
            else:
                await asyncio.sleep(0.05)
        asked.append(office.provider.count("state_of") > 0)

    assert asked == [False, True]


async def test_a_worker_that_died_right_after_the_last_signature_leaves_nothing_that_is_asked_about_for_ever(
    office: Office,
) -> None:
    contract = await office.add(active().noticed(esign_next_poll_at=office.clock.now()))
    office.provider.failures = [UpstreamFailed()]

    await office.services.reconciler.sweep()
    postponed = await office.now_is(contract.id)
    office.provider.processes[contract.esign_contract_no] = Process(contract.signers, ProviderStatus.COMPLETE, [D] * 3)
    office.clock.advance(hours=1)
    await office.services.reconciler.sweep()

    assert postponed.esign_next_poll_at is not None
    assert postponed.esign_next_poll_at > contract.created_at
    assert (await office.now_is(contract.id)).esign_next_poll_at is None
