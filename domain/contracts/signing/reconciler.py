"""What finds all that nobody told of: one worker at a time looks after contracts and callbacks that are due."""

import asyncio
import logging

from domain.contracts.expiry import ExpiryReminders
from domain.contracts.ports import CallbackStore, ContractLookups
from domain.contracts.signing.callbacks import SigningCallbacks
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_sync import ProviderSync
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock

log = logging.getLogger("error.contracts")

LEASE = "contract-signing"
AT_ONCE = 50
EXPIRY_SECONDS = 300.0


class Reconciler:
    def __init__(
        self,
        lookups: ContractLookups,
        callbacks: CallbackStore,
        processing: SigningCallbacks,
        sync: ProviderSync,
        expiry: ExpiryReminders,
        clock: Clock,
        schedule: PollingSchedule,
    ) -> None:
        self._lookups = lookups
        self._callbacks = callbacks
        self._processing = processing
        self._sync = sync
        self._expiry = expiry
        self._clock = clock
        self._schedule = schedule
        self._next_expiry = 0.0

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        seconds = self._schedule.sweep_seconds
        sweep = BackgroundJob(LEASE, Every(seconds, at_start=False), self.sweep, lease_seconds=seconds * 5)
        return (sweep,)

    async def close(self) -> None:
        """Stop what this app process is doing with the provider."""
        await self._processing.stop()
        await self._sync.stop()

    async def sweep(self) -> int:
        """See to what is due; how much that was. Contracts that wait longest come first, so none starves."""
        now = self._clock.now()
        for callback in await self._callbacks.waiting(now, AT_ONCE):
            self._processing.process(callback)
        due = await self._lookups.due_for_polling(now, AT_ONCE)
        if due:
            # A provider that hangs must not stop the sweep, nor cost this worker its lease.
            await asyncio.wait(
                [self._sync.request_sync(contract_id) for contract_id in due], timeout=self._schedule.sweep_seconds * 4
            )
        if now.timestamp() >= self._next_expiry:
            self._next_expiry = now.timestamp() + EXPIRY_SECONDS
            await self._expiry.look()
        return len(due)
