"""The periodic sweep over due callbacks and provider queries. One app process holds its lease."""

import asyncio
import logging

from domain.contracts.ports import CallbackStore, ContractLookups
from domain.contracts.signing.callbacks import SigningCallbacks
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_sync import ProviderSync
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock

log = logging.getLogger("error.contracts")

LEASE = "contract-signing"
BATCH_SIZE = 50


class Reconciler:
    def __init__(
        self,
        lookups: ContractLookups,
        callbacks: CallbackStore,
        processing: SigningCallbacks,
        sync: ProviderSync,
        clock: Clock,
        schedule: PollingSchedule,
    ) -> None:
        self._lookups = lookups
        self._callbacks = callbacks
        self._processing = processing
        self._sync = sync
        self._clock = clock
        self._schedule = schedule

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        seconds = self._schedule.sweep_seconds
        sweep = BackgroundJob(LEASE, Every(seconds, at_start=False), self.sweep, lease_seconds=seconds * 5)
        return (sweep,)

    async def close(self) -> None:
        """Stop the work of this app process with the provider."""
        await self._processing.stop()
        await self._sync.stop()

    async def sweep(self) -> int:
        """Process due callbacks and contracts; returns the number of contracts. The longest overdue come first."""
        now = self._clock.now()
        for callback in await self._callbacks.due(now, BATCH_SIZE):
            self._processing.process(callback)
        due = await self._lookups.due_for_polling(now, BATCH_SIZE)
        if due:
            # A hanging provider must not stop the sweep, nor make this app process lose the lease.
            await asyncio.wait(
                [self._sync.request_sync(contract_id) for contract_id in due], timeout=self._schedule.sweep_seconds * 4
            )
        return len(due)
