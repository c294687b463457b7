"""Callbacks of the provider: verified, stored once, acknowledged. Each then triggers a state query."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.contracts.ports import Callback, CallbackStore, CallbackVerifier, ContractRepository
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.processed_callbacks import ProcessedCallbackMarker
from domain.contracts.signing.provider_sync import ProviderSync
from domain.shared.errors import DomainError
from domain.shared.ports import Clock
from domain.shared.single_flight import SingleFlight

log = logging.getLogger("business.contracts")

_MAX_CONCURRENT = 32
_RETRY_SECONDS = 5.0
_SLOWEST_RETRY_SECONDS = 600.0


class SigningCallbacks:
    def __init__(
        self,
        verifier: CallbackVerifier,
        store: CallbackStore,
        repository: ContractRepository,
        sync: ProviderSync,
        clock: Clock,
        schedule: PollingSchedule,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._repository = repository
        self._sync = sync
        self._clock = clock
        self._schedule = schedule
        self._waiting: dict[str, dict[str, Callback]] = {}
        """Received callbacks whose processing has not begun, by contract number and key."""
        self._flights = SingleFlight(self._process_all_of, _MAX_CONCURRENT)
        self._marker = ProcessedCallbackMarker(store, clock)

    async def receive(self, fields: dict[str, str]) -> None:
        """Verify and store; processing happens afterwards. Raises ForgedCallback, Unavailable."""
        callback = self._verifier.verified(fields, self._clock.now())
        if await self._store.store(callback):
            self.process(callback)

    def process(self, callback: Callback) -> None:
        self._waiting.setdefault(callback.contract_no, {})[callback.key] = callback
        self._flights.request(callback.contract_no)

    async def stop(self) -> None:
        await self._flights.stop()
        await self._marker.stop()

    async def _process_all_of(self, contract_no: str) -> None:
        """Process all waiting callbacks of one contract with a single state query."""
        callbacks = list(self._waiting.pop(contract_no, {}).values())
        now = self._clock.now()
        contract = await self._repository.find_by_esign_no(contract_no)
        if contract is not None:
            try:
                await asyncio.shield(self._sync.request_sync_of_loaded(contract))
                if any(callback.says_failed for callback in callbacks):
                    await self._sync.mark_failed(contract.id, contract_no)
            except DomainError:
                await self._postpone(callbacks, now, _RETRY_SECONDS)
                return
            except Exception:  # a bug of ours: an immediate retry would fail again
                await self._postpone(callbacks, now, _RETRY_SECONDS * 12)
                raise
            self._mark_processed(callbacks)
        elif await self._is_of_former_attempt(contract_no):
            self._mark_processed(callbacks)
        else:
            for callback in callbacks:
                await self._retry_unknown(callback)

    async def _postpone(self, callbacks: Sequence[Callback], now: datetime, soonest: float) -> None:
        for callback in callbacks:
            await self._store.postpone(callback.key, _next_try(callback, now, soonest))

    def _mark_processed(self, callbacks: Sequence[Callback]) -> None:
        for callback in callbacks:
            self._marker.add(callback.key)

    async def _is_of_former_attempt(self, contract_no: str) -> bool:
        """True when the number is that of an earlier attempt, whose callbacks have no effect any more."""
        number, _, attempt = contract_no.rpartition("-")
        contract = await self._repository.find_by_number(number) if number and attempt.isdecimal() else None
        return contract is not None and int(attempt[:6]) <= contract.attempt_number

    async def _retry_unknown(self, callback: Callback) -> None:
        """Retry a callback about an unknown contract for a while: its save may still be in progress."""
        now = self._clock.now()
        age = (now - callback.received_at).total_seconds()
        if age > self._schedule.unknown_callbacks_seconds:
            log.warning("contract.callback_unknown", extra={"contractNo": callback.contract_no[:40]})
            self._marker.add(callback.key)
            return
        await self._store.postpone(callback.key, _next_try(callback, now, 0.5))


def _next_try(callback: Callback, now: datetime, soonest: float) -> datetime:
    """Retries become rarer with age, so that one that never succeeds does not delay the others."""
    age = (now - callback.received_at).total_seconds()
    return now + timedelta(seconds=max(soonest, min(age, _SLOWEST_RETRY_SECONDS)))
