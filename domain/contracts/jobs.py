"""The work with the e-sign provider, outside of any request: send what is to be signed, ask how it stands, follow it.

Everything starts from the stored contract and may be done twice, by two workers at once, or again after a crash.
"""

import asyncio
import logging
from datetime import datetime

from domain.contracts.book import Contracts, Decide
from domain.contracts.errors import AlreadySigned, SigningMissing, SigningRefused
from domain.contracts.facts import actor_of
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.observing import PROVIDER, contradicts, observed
from domain.contracts.pace import Pace
from domain.contracts.ports import SigningProvider
from domain.contracts.sending import Sending, is_being_signed_as
from domain.contracts.signing import ObservedSigning, PendingClosure
from domain.contracts.statuses import CancelReason, ContractStatus, Standing
from domain.contracts.turns import Turns
from domain.shared.errors import DomainError

log = logging.getLogger("business.contracts")

AT_ONCE = 16
_ACTOR = actor_of(PROVIDER)
S = ContractStatus


class SigningJobs:
    def __init__(self, contracts: Contracts, provider: SigningProvider, pace: Pace) -> None:
        self._contracts = contracts
        self._provider = provider
        self._pace = pace
        self._sending = Sending(contracts, provider, pace)
        self._turns = Turns(self._see_to, AT_ONCE)

    def wake(self, contract_id: str) -> "asyncio.Future[None]":
        """See to this contract soon. The future fails as the provider did; never await it unshielded."""
        return self._turns.ask(contract_id)

    async def settled(self, contract_id: str, seconds: float) -> None:
        """Let it be seen to, and wait for that no longer than `seconds`. Whatever comes of it is in the store."""
        await asyncio.wait({self.wake(contract_id)}, timeout=seconds)

    async def broken_down(self, contract_id: str, contract_no: str) -> None:
        """The provider said, under its signature, that nobody can sign this any more. A finished contract stays so."""
        seen = ObservedSigning(contract_no=contract_no, standing=Standing.FAILED, provider_code="-3")
        await self._contracts.change(contract_id, lambda now_is, at: observed(now_is, seen, at), _ACTOR)

    async def stop(self) -> None:
        await self._turns.stop()

    async def _see_to(self, contract_id: str) -> None:
        contract = await self._contracts.find(contract_id)
        if not contract.esign_contract_no:
            return
        try:
            if contract.contract_status is S.SIGNING:
                await self._while_signing(contract)
            elif contract.contract_status in (S.ACTIVE, S.SIGNED):
                await self._while_in_force(contract)
            elif contract.contract_status is S.CANCELLED:
                # Not followed any more; that it could be signed all the same must not go unnoticed.
                self._report(contract, await self._provider.state_of(contract.esign_contract_no))
        except Exception as error:  # whatever it was, other contracts do not wait behind this one
            problem = error.code if isinstance(error, DomainError) else "INTERNAL_ERROR"
            await self._contracts.change(contract.id, self._postponed(problem), _ACTOR)
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
            contract = await self._contracts.change(contract.id, _accepted(closure), _ACTOR)
        await self._follow(contract)

    async def _withdrawn_unsent(self, contract: Contract, closure: PendingClosure) -> bool:
        """Ask the provider to withdraw. True: it never had the contract, and so that is over; else its state tells."""
        if closure.accepted:
            return False
        try:
            await self._provider.withdraw(contract.esign_contract_no, closure.reason)
        except (AlreadySigned, SigningRefused):
            return False  # a party was quicker: signed, or refused
        except SigningMissing:
            await self._contracts.change(contract.id, _never_sent(contract, closure), actor_of(closure.requested_by))
            return True
        await self._contracts.change(contract.id, _accepted(closure), _ACTOR)
        return False

    async def _follow(self, contract: Contract) -> None:
        """Ask how it stands and take every step that the answer implies, each in a save of its own."""
        seen = await self._provider.state_of(contract.esign_contract_no)
        self._report(contract, seen)
        moved = False
        while True:
            before = contract.edited_version
            contract = await self._contracts.change(contract.id, lambda now_is, at: observed(now_is, seen, at), _ACTOR)
            if contract.edited_version == before:
                break
            moved = True
        await self._contracts.change(contract.id, self._asked(moved), _ACTOR)

    def _asked(self, moved: bool) -> Decide:
        def asked(current: Contract, now: datetime) -> Contract:
            if current.closure is not None and current.closure.is_stale(now):
                return current.changed(now, Cause.VOID_LAPSED, PROVIDER, closure=None, esign_next_poll_at=None)
            waits = current.contract_status is S.SIGNING or (current.closure is not None and not current.is_terminal)
            if not waits:
                return current if current.esign_next_poll_at is None else current.noticed(esign_next_poll_at=None)
            polls = 0 if moved else current.esign_polls + 1
            return current.noticed(esign_polls=polls, esign_next_poll_at=self._pace.next_poll(now, polls))

        return asked

    def _postponed(self, problem: str) -> Decide:
        """It could not be seen to now."""

        def postponed(current: Contract, now: datetime) -> Contract:
            attempt, closure = current.esign_attempt, current.closure
            if current.contract_status is not S.SIGNING and closure is None and current.esign_next_poll_at is None:
                return current
            if attempt is not None and not attempt.sent:
                attempt = attempt.model_copy(update={"failures": attempt.failures + 1, "problem": problem})
            if closure is not None and not closure.accepted:
                closure = closure.model_copy(update={"problem": problem})
            polls = current.esign_polls + 1
            due = self._pace.next_poll(now, polls)
            return current.noticed(esign_attempt=attempt, closure=closure, esign_polls=polls, esign_next_poll_at=due)

        return postponed

    def _report(self, contract: Contract, seen: ObservedSigning) -> None:
        if contradicts(contract, seen):
            about = {"contractNumber": contract.contract_number, "status": str(contract.contract_status)}
            log.error("contract.provider_contradicts", extra={**about, "providerCode": seen.provider_code})


def _accepted(closure: PendingClosure) -> Decide:
    def accepted(current: Contract, now: datetime) -> Contract:
        if current.closure is None or current.closure.requested_at != closure.requested_at or current.closure.accepted:
            return current
        return current.noticed(closure=current.closure.model_copy(update={"accepted": True, "problem": ""}))

    return accepted


def _never_sent(contract: Contract, closure: PendingClosure) -> Decide:
    def withdrawn(current: Contract, now: datetime) -> Contract:
        if not is_being_signed_as(current, contract.esign_contract_no):
            return current
        return transition(
            current,
            S.CANCELLED,
            closure.requested_by,
            now,
            closure.reason,
            cancel_reason=CancelReason.WITHDRAWN,
            cancel_note=closure.reason,
        )

    return withdrawn
