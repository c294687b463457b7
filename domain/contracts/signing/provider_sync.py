"""The work with the e-sign provider, outside of any request: send what is to be signed, ask how it stands, follow it.

Everything starts from the stored contract and may be done twice, by two workers at once, or again after a crash.
"""

import asyncio
import logging
from datetime import datetime

from domain.contracts.errors import AlreadySigned, SigningMissing, SigningRefused
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.signing.model import PendingClosure, ProviderState
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_state import PROVIDER, contradicts, observed
from domain.contracts.signing.sender import ContractSender, is_current_attempt, with_late_check
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus
from domain.contracts.unit_of_work import ContractChange, ContractUnitOfWork
from domain.shared.errors import DomainError
from domain.shared.single_flight import SingleFlight

log = logging.getLogger("business.contracts")

AT_ONCE = 16
MOST_LATE_POLLS = 5
"""An attempt that was given up unsent is looked for so often; over a quarter of an hour."""
_ACTOR = PROVIDER.to_actor()
S = ContractStatus


class ProviderSync:
    def __init__(self, contracts: ContractUnitOfWork, provider: SigningProvider, schedule: PollingSchedule) -> None:
        self._contracts = contracts
        self._provider = provider
        self._schedule = schedule
        self._sending = ContractSender(contracts, provider, schedule)
        self._flights = SingleFlight(self._see_to, AT_ONCE)
        self._at_hand: dict[str, Contract] = {}

    def request_sync(self, contract_id: str) -> "asyncio.Future[None]":
        """See to this contract soon. The future fails as the provider did; never await it unshielded."""
        return self._flights.request(contract_id)

    def request_sync_of_loaded(self, contract: Contract) -> "asyncio.Future[None]":
        """The same for one that was loaded just now: where it only has to be followed, it is not loaded again."""
        if _is_only_followed(contract) and not self._flights.is_running(contract.id):
            self._at_hand[contract.id] = contract
        return self._flights.request(contract.id)

    async def sync_within(self, contract_id: str, seconds: float) -> None:
        """Let it be seen to, and wait for that no longer than `seconds`. Whatever comes of it is in the store."""
        await asyncio.wait({self.request_sync(contract_id)}, timeout=seconds)

    async def mark_failed(self, contract_id: str, contract_no: str) -> None:
        """The provider said, under its signature, that nobody can sign this any more. A finished contract stays so."""
        seen = ProviderState(contract_no=contract_no, status=ProviderStatus.FAILED, provider_code="-3")
        await self._contracts.change(contract_id, lambda now_is, at: observed(now_is, seen, at), _ACTOR)

    async def stop(self) -> None:
        await self._flights.stop()

    async def _see_to(self, contract_id: str) -> None:
        contract = self._at_hand.pop(contract_id, None) or await self._contracts.find(contract_id)
        if not contract.esign_contract_no:
            return
        try:
            if contract.contract_status is S.SIGNING:
                await self._while_signing(contract)
            elif contract.contract_status in (S.ACTIVE, S.SIGNED):
                await self._while_in_force(contract)
            elif contract.contract_status is S.CANCELLED:
                await self._after_the_end(contract)
        except Exception as error:  # whatever it was, other contracts do not wait behind this one
            problem = error.code if isinstance(error, DomainError) else "INTERNAL_ERROR"
            await self._contracts.change(contract.id, self._postponed(contract, problem), _ACTOR)
            raise

    async def _while_signing(self, contract: Contract) -> None:
        attempt, closure = contract.esign_attempt, contract.closure
        if closure is not None:
            if await self._withdrawn_unsent(contract, closure):
                return
        elif attempt is not None and not attempt.sent:
            sent = await self._sending.send(contract, attempt)
            if sent is None:
                return
            contract = sent
        await self._follow(contract)

    async def _while_in_force(self, contract: Contract) -> None:
        closure = contract.closure
        if closure is not None and closure.kind == "void" and not closure.accepted:
            await self._provider.void(contract.esign_contract_no)
            contract = await self._contracts.change(contract.id, _answered(closure), _ACTOR)
        await self._follow(contract)

    async def _withdrawn_unsent(self, contract: Contract, closure: PendingClosure) -> bool:
        """Ask the provider to withdraw. True: it never had the contract, and so that is over; else its state tells."""
        if closure.accepted:
            return False
        try:
            await self._provider.withdraw(contract.esign_contract_no, closure.reason)
        except AlreadySigned:
            return False
        except SigningRefused as error:  # a party was quicker and refused; or it does not like the request
            await self._contracts.change(contract.id, _answered(closure, error.code), _ACTOR)
            return False
        except SigningMissing:
            by = closure.requested_by.to_actor()
            contract = await self._contracts.change(contract.id, self._never_sent(contract, closure), by)
            if contract.contract_status is S.SIGNING:  # another worker has just brought it there
                return await self._withdrawn_unsent(contract, closure)
            return True
        await self._contracts.change(contract.id, _answered(closure), _ACTOR)
        return False

    async def _after_the_end(self, contract: Contract) -> None:
        """Not followed any more, but that it could be signed all the same must not go unnoticed; what was given up
        unsent, and arrived, is taken back."""
        arrived = True
        try:
            seen = await self._provider.state_of(contract.esign_contract_no)
        except SigningMissing:
            arrived = False
        else:
            self._report(contract, seen)
            if seen.is_open and contract.esign_attempt is not None and not contract.esign_attempt.sent:
                await self._provider.withdraw(contract.esign_contract_no, contract.cancel_note)
        await self._contracts.change(contract.id, self._left_alone(contract, arrived), _ACTOR)

    def _left_alone(self, contract: Contract, arrived: bool) -> ContractChange:
        def left_alone(current: Contract, now: datetime) -> Contract:
            same = current.contract_status is S.CANCELLED and current.attempt_number == contract.attempt_number
            if not same or current.esign_next_poll_at is None:
                return current
            polls = current.esign_polls + 1
            over = arrived or polls >= MOST_LATE_POLLS
            due = None if over else self._schedule.next_poll(now, polls)
            return current.with_fields(esign_polls=polls, esign_next_poll_at=due)

        return left_alone

    def _never_sent(self, contract: Contract, closure: PendingClosure) -> ContractChange:
        def withdrawn(current: Contract, now: datetime) -> Contract:
            if not is_current_attempt(current, contract.esign_contract_no):
                return current
            if _is_sent(current) and not _is_sent(contract):
                return current  # what the provider said is out of date
            cancelled = transition(
                current,
                S.CANCELLED,
                closure.requested_by,
                now,
                closure.reason,
                cancel_reason=CancelReason.WITHDRAWN,
                cancel_note=closure.reason,
            )
            return with_late_check(cancelled, self._schedule, now)

        return withdrawn

    async def _follow(self, contract: Contract) -> None:
        """Ask how it stands and take every step that the answer implies, each in a save of its own."""
        seen = await self._provider.state_of(contract.esign_contract_no)
        self._report(contract, seen)
        moved = False
        while True:
            before = contract.edited_version
            # What somebody else did since they follow themselves; here it would only be loaded to find nothing to do.
            contract = await self._contracts.change(contract.id, self._followed(seen, moved), _ACTOR, loaded=contract)
            if contract.edited_version == before:
                return
            moved = True

    def _followed(self, seen: ProviderState, moved: bool) -> ContractChange:
        def followed(current: Contract, now: datetime) -> Contract:
            after = observed(current, seen, now)
            if after.history != current.history:
                return self._asked_again(after, now, polls=0)
            if moved:
                return after  # and that was arranged with the step
            if after.closure is not None and after.closure.is_stale(now):
                return after.changed(now, Cause.VOID_LAPSED, PROVIDER, closure=None, esign_next_poll_at=None)
            return self._asked_again(after, now, polls=after.esign_polls + 1)

        return followed

    def _asked_again(self, contract: Contract, now: datetime, polls: int) -> Contract:
        """The same contract, with the time when the provider is asked about it next; None when nothing is awaited."""
        if contract.contract_status is S.SIGNING or (contract.closure is not None and not contract.is_terminal):
            return contract.with_fields(esign_polls=polls, esign_next_poll_at=self._schedule.next_poll(now, polls))
        return contract if contract.esign_next_poll_at is None else contract.with_fields(esign_next_poll_at=None)

    def _postponed(self, contract: Contract, problem: str) -> ContractChange:
        """It could not be seen to now."""

        def postponed(current: Contract, now: datetime) -> Contract:
            attempt, closure = current.esign_attempt, current.closure
            if current.esign_contract_no != contract.esign_contract_no:
                return current  # that was about the attempt before
            if current.contract_status is not S.SIGNING and closure is None and current.esign_next_poll_at is None:
                return current
            if attempt is not None and not attempt.sent:
                attempt = attempt.model_copy(update={"failures": attempt.failures + 1, "problem": problem})
            if closure is not None and not closure.accepted:
                closure = closure.model_copy(update={"problem": problem})
            polls = current.esign_polls + 1
            due = self._schedule.next_poll(now, polls)
            return current.with_fields(
                esign_attempt=attempt, closure=closure, esign_polls=polls, esign_next_poll_at=due
            )

        return postponed

    def _report(self, contract: Contract, seen: ProviderState) -> None:
        if contradicts(contract, seen):
            about = {"contractNumber": contract.contract_number, "status": str(contract.contract_status)}
            log.error("contract.provider_contradicts", extra={**about, "providerCode": seen.provider_code})


def _answered(closure: PendingClosure, problem: str = "") -> ContractChange:
    """The provider has accepted what was asked for, or has not."""

    def answered(current: Contract, now: datetime) -> Contract:
        if current.closure is None or current.closure.requested_at != closure.requested_at or current.closure.accepted:
            return current
        return current.with_fields(
            closure=current.closure.model_copy(update={"accepted": not problem, "problem": problem})
        )

    return answered


def _is_only_followed(contract: Contract) -> bool:
    """The provider has all of it, and we want nothing from it but its state."""
    under_way = contract.contract_status is S.SIGNING and _is_sent(contract)
    return contract.closure is None and (under_way or contract.contract_status in (S.ACTIVE, S.SIGNED))


def _is_sent(contract: Contract) -> bool:
    return contract.esign_attempt is not None and contract.esign_attempt.sent
