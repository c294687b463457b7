"""Synchronises contracts with the e-sign provider: sends them, queries their state and applies it.

Each run starts from the stored contract. A run may be repeated, also by two app processes at the same time or after a
crash.
"""

import asyncio
import logging
from datetime import datetime

from domain.contracts.errors import AlreadySigned, SigningMissing, SigningRefused
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.signing.model import PendingClosure, ProviderState, asked_to_void
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_state import PROVIDER, apply_provider_state, contradicts
from domain.contracts.signing.sender import ContractSender, is_current_attempt, with_late_check
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus
from domain.contracts.unit_of_work import ContractChange, ContractUnitOfWork
from domain.shared.errors import DomainError
from domain.shared.single_flight import SingleFlight

log = logging.getLogger("business.contracts")

MAX_CONCURRENT = 16
MAX_LATE_POLLS = 5
"""How often the provider is queried about an attempt that was cancelled unsent; over a quarter of an hour."""
_ACTOR = PROVIDER.to_actor()
S = ContractStatus


class ProviderSync:
    def __init__(self, contracts: ContractUnitOfWork, provider: SigningProvider, schedule: PollingSchedule) -> None:
        self._contracts = contracts
        self._provider = provider
        self._schedule = schedule
        self._sender = ContractSender(contracts, provider, schedule)
        self._flights = SingleFlight(self._synchronise, MAX_CONCURRENT)
        self._loaded: dict[str, Contract] = {}

    def request_sync(self, contract_id: str) -> "asyncio.Future[None]":
        """Synchronise this contract soon. The future fails with the provider's error; await it only shielded."""
        return self._flights.request(contract_id)

    def request_sync_of_loaded(self, contract: Contract) -> "asyncio.Future[None]":
        """The same for a contract that was just loaded. If only its state must be queried, it is not loaded again."""
        if _needs_only_state(contract) and not self._flights.is_running(contract.id):
            self._loaded[contract.id] = contract
        return self._flights.request(contract.id)

    async def sync_within(self, contract_id: str, seconds: float) -> None:
        """Synchronise, and wait for it at most `seconds`. The result is in the store."""
        await asyncio.wait({self.request_sync(contract_id)}, timeout=seconds)

    async def mark_failed(self, contract_id: str, contract_no: str) -> None:
        """Apply a callback that reports a failed process. A contract that is no longer signing does not change."""
        state = ProviderState(contract_no=contract_no, status=ProviderStatus.FAILED, provider_code="-3")
        await self._contracts.change(
            contract_id, lambda contract, now: apply_provider_state(contract, state, now), _ACTOR
        )

    async def stop(self) -> None:
        await self._flights.stop()

    async def _synchronise(self, contract_id: str) -> None:
        contract = self._loaded.pop(contract_id, None) or await self._contracts.find(contract_id)
        if not contract.esign_contract_no:
            return
        try:
            if contract.contract_status is S.SIGNING:
                await self._while_signing(contract)
            elif contract.contract_status in (S.ACTIVE, S.SIGNED):
                await self._while_in_force(contract)
            elif contract.contract_status is S.CANCELLED:
                await self._after_cancellation(contract)
        except Exception as error:  # any error: the other contracts must not wait behind this one
            problem = error.code if isinstance(error, DomainError) else "INTERNAL_ERROR"
            await self._contracts.change(contract.id, self._postponed(contract, problem), _ACTOR)
            raise

    async def _while_signing(self, contract: Contract) -> None:
        attempt, closure = contract.esign_attempt, contract.closure
        if closure is not None:
            if await self._withdrew_unsent(contract, closure):
                return
        elif attempt is not None and not attempt.sent:
            sent = await self._sender.send(contract, attempt)
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

    async def _withdrew_unsent(self, contract: Contract, closure: PendingClosure) -> bool:
        """Ask the provider to withdraw. True when it never had the contract, which is then cancelled. Otherwise the
        provider's state decides."""
        if closure.accepted:
            return False
        try:
            await self._provider.withdraw(contract.esign_contract_no, closure.reason)
        except AlreadySigned:
            return False
        except SigningRefused as error:  # a party refused first, or the provider rejects the request
            await self._contracts.change(contract.id, _answered(closure, error.code), _ACTOR)
            return False
        except SigningMissing:
            by = closure.requested_by.to_actor()
            contract = await self._contracts.change(contract.id, self._cancelled_unsent(contract, closure), by)
            if contract.contract_status is S.SIGNING:  # another app process has just sent it
                return await self._withdrew_unsent(contract, closure)
            return True
        await self._contracts.change(contract.id, _answered(closure), _ACTOR)
        return False

    async def _after_cancellation(self, contract: Contract) -> None:
        """Check a cancelled contract: an attempt that was cancelled unsent may have reached the provider, and is then
        withdrawn there. A contradiction is logged."""
        is_at_provider = True
        try:
            state = await self._provider.state_of(contract.esign_contract_no)
        except SigningMissing:
            is_at_provider = False
        else:
            self._report(contract, state)
            if state.is_open and contract.esign_attempt is not None and not contract.esign_attempt.sent:
                await self._provider.withdraw(contract.esign_contract_no, contract.cancel_note)
        await self._contracts.change(contract.id, self._after_late_check(contract, is_at_provider), _ACTOR)

    def _after_late_check(self, contract: Contract, is_at_provider: bool) -> ContractChange:
        def checked(current: Contract, now: datetime) -> Contract:
            same = current.contract_status is S.CANCELLED and current.attempt_number == contract.attempt_number
            if not same or current.esign_next_poll_at is None:
                return current
            polls = current.esign_polls + 1
            done = is_at_provider or polls >= MAX_LATE_POLLS
            due = None if done else self._schedule.next_poll(now, polls)
            return current.with_fields(esign_polls=polls, esign_next_poll_at=due)

        return checked

    def _cancelled_unsent(self, contract: Contract, closure: PendingClosure) -> ContractChange:
        def withdrawn(current: Contract, now: datetime) -> Contract:
            if not is_current_attempt(current, contract.esign_contract_no):
                return current
            if current.is_sent and not contract.is_sent:
                return current  # the provider's answer is outdated
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
        """Query the state and perform every transition that it implies, each in a save of its own."""
        state = await self._provider.state_of(contract.esign_contract_no)
        self._report(contract, state)
        changed = False
        while True:
            before = contract.edited_version
            # Not loaded again: another app process that changed the contract meanwhile queries the state itself.
            contract = await self._contracts.change(
                contract.id, self._with_state(state, changed), _ACTOR, loaded=contract
            )
            if contract.edited_version == before:
                return
            changed = True

    def _with_state(self, state: ProviderState, changed: bool) -> ContractChange:
        def applied(current: Contract, now: datetime) -> Contract:
            after = apply_provider_state(current, state, now)
            if after.history != current.history:
                return self._with_next_poll(after, now, polls=0)
            if changed:
                return after  # the next poll was scheduled with the transition
            if after.closure is not None and after.closure.is_stale(now):
                return after.changed(now, Cause.VOID_LAPSED, PROVIDER, closure=None, esign_next_poll_at=None)
            return self._with_next_poll(after, now, polls=after.esign_polls + 1)

        return applied

    def _with_next_poll(self, contract: Contract, now: datetime, polls: int) -> Contract:
        """The contract with the time of its next poll; without one when no change of the provider is expected."""
        if contract.contract_status is S.SIGNING or (contract.closure is not None and not contract.is_terminal):
            return contract.with_fields(esign_polls=polls, esign_next_poll_at=self._schedule.next_poll(now, polls))
        return contract if contract.esign_next_poll_at is None else contract.with_fields(esign_next_poll_at=None)

    def _postponed(self, contract: Contract, problem: str) -> ContractChange:
        """Schedule a retry after an error."""

        def postponed(current: Contract, now: datetime) -> Contract:
            attempt, closure = current.esign_attempt, current.closure
            if current.esign_contract_no != contract.esign_contract_no:
                return current  # the error concerns an earlier attempt
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

    def _report(self, contract: Contract, state: ProviderState) -> None:
        if contradicts(contract, state):
            about = {"contractNumber": contract.contract_number, "status": str(contract.contract_status)}
            log.error("contract.provider_contradicts", extra={**about, "providerCode": state.provider_code})


def _answered(closure: PendingClosure, problem: str = "") -> ContractChange:
    """Note that the provider accepted the requested closure, or its error code. An accepted voiding is announced, since
    its parties are asked to sign from now on."""

    def answered(current: Contract, now: datetime) -> Contract:
        if current.closure is None or current.closure.requested_at != closure.requested_at or current.closure.accepted:
            return current
        after = current.closure.model_copy(update={"accepted": not problem, "problem": problem})
        if not after.is_running_void:
            return current.with_fields(closure=after)
        after = after.model_copy(update={"signers": asked_to_void(current.signers)})
        return current.changed(now, Cause.VOID_SENT, PROVIDER, closure=after)

    return answered


def _needs_only_state(contract: Contract) -> bool:
    """True when the provider has the contract and only its state must be queried."""
    under_way = contract.contract_status is S.SIGNING and contract.is_sent
    return contract.closure is None and (under_way or contract.contract_status in (S.ACTIVE, S.SIGNED))
