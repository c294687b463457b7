"""Recycling (公海回收): the daily run, its dry run, the countdown of a customer, and keeping one from falling."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.customers.errors import CustomerDoesNotFall, KeepLimitReached, NotTheOwner
from domain.customers.model import Customer
from domain.customers.ownership.service import POOL_RIGHT
from domain.customers.queries import customer_scope
from domain.customers.recycling.model import FallCandidate, PoolRules, falling, last_run_until, run_at_or_after
from domain.customers.recycling.ports import FallingCustomers
from domain.customers.recycling.rules import PoolRuleTable
from domain.customers.runs import RunLog, ScheduledRun
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.model import Instant, Model
from domain.shared.ports import Clock

log = logging.getLogger("business.customers")

SHOWN: Final = 200
WORK: Final = "pool-recycling"
_INTERVAL_SECONDS: Final = 60.0
_LEASE_SECONDS: Final = 300.0
_RECYCLE: Final = SYSTEM.model_copy(update={"action": "customer.recycle"})
REASON: Final = "超过期限未跟进，自动回收"


class Countdown(Model):
    falls_at: Instant | None
    keeps_left: int


class NextFall(Model):
    """`at`: None if the next run takes nothing."""

    customers: int
    at: Instant | None


class DryRun(Model):
    """The moves that the run at `at` would make, also while the rules are disabled."""

    at: Instant
    enabled: bool
    total: int
    by_owner: Mapping[str, int]
    customers: tuple[Customer, ...]
    """The first SHOWN."""


class Recycling:
    def __init__(
        self,
        rules: PoolRuleTable,
        listing: FallingCustomers,
        customers: CustomerUnitOfWork,
        runs: RunLog,
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._listing = listing
        self._customers = customers
        self._runs = runs
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        """The time of the last run is stored, so that a run that was missed is made up for, once."""
        return (BackgroundJob(WORK, Every(_INTERVAL_SECONDS), self.run_due, _LEASE_SECONDS),)

    async def run_due(self) -> None:
        """The daily run. After several missed ones it runs once. Rules that were changed since wait for the next."""
        slot = last_run_until(self._clock.now())
        last = await self._runs.last(WORK)
        if last is not None and last.slot is not None and last.slot >= slot:
            return
        rules = await self._rules.current()
        moved = failed = 0
        if rules.enabled and rules.updated_at <= slot:
            for customer in await self._plan(rules, slot):
                try:
                    moved += await self._recycle(customer, rules, slot)
                except DomainError as error:  # it stays due; the others go on
                    failed += 1
                    log.warning("recycling.failed", extra={"customer": customer.id, "code": error.code})
        await self._runs.finished(WORK, ScheduledRun(slot=slot, at=self._clock.now(), moved=moved, failed=failed))

    async def dry_run(self, by: StaffAuthority) -> DryRun:
        """The customers within the data scope that fall in the next run, by the function that the run uses."""
        rules, at = await self._rules.current(), run_at_or_after(self._clock.now())
        scope = customer_scope(by)
        found = [each for each in await self._plan(rules, at) if scope.covers(*each.people)]
        first = await self._listing.of_ids([each.id for each in found[:SHOWN]])
        by_owner = Counter(each.assigned_to for each in found)
        return DryRun(at=at, enabled=rules.enabled, total=len(found), by_owner=by_owner, customers=tuple(first))

    async def next_of(self, staff_id: str) -> NextFall:
        """The customers that the next run takes from this person."""
        rules, at = await self._rules.current(), run_at_or_after(self._clock.now())
        found = await self._plan(rules, at, staff_id) if rules.enabled else ()
        return NextFall(customers=len(found), at=at if found else None)

    async def countdowns(self, customers: Iterable[Customer]) -> Mapping[str, Countdown]:
        """By the id of the customer."""
        rules, now = await self._rules.current(), self._clock.now()
        return {
            each.id: Countdown(falls_at=rules.falls_at(each, now), keeps_left=rules.keeps_left(each))
            for each in customers
        }

    async def keep(self, customer_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Customer:
        """Starts the time without a follow-up again; an owner can do so a limited number of times.

        Raises CustomerNotFound, NotTheOwner, CustomerDoesNotFall, KeepLimitReached.
        """
        rules = await self._rules.current()

        def decide(customer: Customer, now: datetime) -> Customer:
            if by.id != customer.assigned_to and not by.may(POOL_RIGHT):
                raise NotTheOwner
            if rules.falls_at(customer, now) is None:
                raise CustomerDoesNotFall
            if rules.keeps_left(customer) == 0:
                raise KeepLimitReached(limit=rules.keep_limit)
            return customer.kept(by.id, now)

        return await self._customers.change(customer_id, decide, actor, scope=customer_scope(by), reason=reason)

    async def _plan(self, rules: PoolRules, at: datetime, owner: str = "") -> Sequence[FallCandidate]:
        if rules.fewest_days is None:
            return ()
        found = self._listing.falling(at - timedelta(days=rules.fewest_days), owner)
        return falling(rules, [each async for each in found], at)

    async def _recycle(self, planned: FallCandidate, rules: PoolRules, at: datetime) -> bool:
        """False: the customer was followed up, or changed otherwise, since the plan."""
        moved = False

        def decide(customer: Customer, now: datetime) -> Customer:
            nonlocal moved
            moved = bool(falling(rules, [customer], at))
            # The owner counts as its releaser, who cannot claim it at once.
            return customer.released(customer.assigned_to, REASON, now) if moved else customer

        await self._customers.change(planned.id, decide, _RECYCLE, reason=REASON)
        return moved
