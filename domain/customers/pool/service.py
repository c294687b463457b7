"""The public pool (公海): claiming, assigning from it, and its figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.customers.customer_query import CustomerCounts, CustomerFilter
from domain.customers.errors import (
    AlreadyClaimed,
    CustomerFrozen,
    CustomerNotFound,
    HoldingCapReached,
    NotInPool,
    ReclaimTooSoon,
    UnknownAssignee,
)
from domain.customers.model import Customer
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ownership.service import RowResult, each_by_itself
from domain.customers.ports import CustomerList, CustomerLogs, HoldingStore, StaffDirectory
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.business_day import business_day, start_of_day
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.shared.scope import EVERYTHING


class Capacity(Model):
    """The numbers of customers that a staff member holds, and may still take."""

    held: int
    cap: int
    claimed_today: int
    daily_cap: int
    free: int
    """How many customers can be claimed now."""


class PoolFigures(Model):
    counts: CustomerCounts
    entered_today: int
    claimed_today: int
    """Claims, and assignments from the pool."""


class CustomerPool:
    def __init__(
        self,
        customers: CustomerUnitOfWork,
        listing: CustomerList,
        holdings: HoldingStore,
        logs: CustomerLogs,
        staff: StaffDirectory,
        limits: PoolLimits,
        clock: Clock,
    ) -> None:
        self._customers = customers
        self._listing = listing
        self._holdings = holdings
        self._logs = logs
        self._staff = staff
        self._limits = limits
        self._clock = clock

    async def capacity(self, staff_id: str) -> Capacity:
        limits = self._limits
        held = await self._holdings.of(staff_id, business_day(self._clock.now()))
        daily = limits.claims_per_day if limits.claims_per_day is not None else limits.held
        free = min(limits.held - held.held, daily - held.claimed)
        return Capacity(
            held=held.held,
            cap=limits.held,
            claimed_today=held.claimed,
            daily_cap=daily,
            free=max(0, free),
        )

    async def claim(self, customer_id: str, actor: Actor) -> Customer:
        """One of several simultaneous claimers gets the customer, and caps are never exceeded.

        Raises CustomerNotFound, AlreadyClaimed, CustomerFrozen, ReclaimTooSoon, HoldingCapReached,
        DailyClaimCapReached.
        """

        def decide(customer: Customer, now: datetime) -> Customer:
            require_claimable(customer, actor.id, now, self._limits.reclaim_after)
            return customer.claimed(actor.id, now)

        return await self._customers.change(customer_id, decide, actor, limits=self._limits)

    async def claim_all(self, customer_ids: Sequence[str], actor: Actor) -> Sequence[RowResult]:
        """Each by itself, in order. Raises HoldingCapReached for more than the free places, and claims none then."""
        capacity = await self.capacity(actor.id)
        if len(customer_ids) > capacity.cap - capacity.held:
            raise HoldingCapReached(held=capacity.held, cap=capacity.cap)
        return await each_by_itself(customer_ids, lambda each: self.claim(each, actor))

    async def assign_all(
        self, customer_ids: Sequence[str], to: str, reason: str, forced: bool, actor: Actor
    ) -> Sequence[RowResult]:
        """From the pool to a staff member, whose cap counts unless `forced`. Raises UnknownAssignee."""
        if await self._staff.assignee(to) is None:
            raise UnknownAssignee

        def decide(customer: Customer, now: datetime) -> Customer:
            if not customer.in_public_pool:
                raise NotInPool
            if customer.is_frozen:
                raise CustomerFrozen(reason=customer.frozen_reason)
            return customer.assigned(to, actor.id, reason, now)

        limits = None if forced else replace(self._limits, claims_per_day=None)
        return await each_by_itself(
            customer_ids,
            lambda each: self._customers.change(each, decide, actor, reason=reason, limits=limits),
        )

    async def figures(self) -> PoolFigures:
        since = start_of_day(business_day(self._clock.now()))
        moves = await self._logs.pool_moves_of_day(since, since + timedelta(days=1))
        return PoolFigures(
            counts=await self._listing.counts(CustomerFilter(scope=EVERYTHING, pool=True)),
            entered_today=moves.get("enter", 0) + moves.get("release", 0),
            claimed_today=moves.get("claim", 0) + moves.get("assign", 0),
        )


def require_claimable(customer: Customer, by: str, now: datetime, reclaim_after: timedelta) -> None:
    """Raises AlreadyClaimed, CustomerFrozen, ReclaimTooSoon."""
    if not customer.in_public_pool:
        # One that never was in the pool is none of the claimer's business.
        raise AlreadyClaimed if customer.released_at or customer.claim_count else CustomerNotFound
    if customer.is_frozen:
        raise CustomerFrozen(reason=customer.frozen_reason)
    if customer.released_by == by and customer.released_at and now < customer.released_at + reclaim_after:
        raise ReclaimTooSoon(until=customer.released_at + reclaim_after)
