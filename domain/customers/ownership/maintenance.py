"""Compares the holdings of staff members with their customers, and repairs differences that a crash left."""

from datetime import datetime, timedelta
from typing import Final

from domain.customers.ports import CustomerList, HoldingStore
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.background import BackgroundJob, Every
from domain.shared.business_day import business_day
from domain.shared.ports import Clock

INTERVAL_SECONDS: Final = 20.0
_LEASE_SECONDS: Final = 60.0
_UNDER_WAY: Final = timedelta(seconds=30)
"""A save that takes longer has failed: its reservation may be removed."""
_RECENT: Final = timedelta(minutes=10)
_BATCH: Final = 200
_EVER: Final = timedelta(days=36_500)


class HoldingMaintenance:
    def __init__(
        self, customers: CustomerUnitOfWork, listing: CustomerList, holdings: HoldingStore, clock: Clock
    ) -> None:
        self._customers = customers
        self._listing = listing
        self._holdings = holdings
        self._clock = clock
        self._compared_all = False

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("customer-holdings", Every(INTERVAL_SECONDS), self.run, _LEASE_SECONDS),)

    async def run(self) -> None:
        """The first round of an app process compares all entries, later ones those of the last minutes."""
        now = self._clock.now()
        await self.remove_unmatched(now - (_RECENT if self._compared_all else _EVER), now - _UNDER_WAY)
        if not self._compared_all:
            await self._holdings.forget_days_before(business_day(now))
        self._compared_all = True
        await self.add_missing()

    async def remove_unmatched(self, since: datetime, until: datetime) -> None:
        """Removes entries whose customer was not gained: the process died after the reservation."""
        for staff_id, holding_ids in (await self._holdings.unmatched(since, until)).items():
            await self._holdings.end(staff_id, holding_ids)

    async def add_missing(self) -> None:
        """Gives customers of the former system their entries, in batches."""
        while ids := await self._listing.not_yet_held(_BATCH):
            for customer_id in ids:
                # Each save by the unit of work adds the missing entry.
                await self._customers.change(customer_id, lambda customer, now: customer.with_fields(), SYSTEM)
