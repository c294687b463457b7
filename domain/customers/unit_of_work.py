"""Unit of work of customers: load, change with a pure function, save with events, retry on conflict.

It keeps the holdings of the owners: an entry is added before the customer is saved, and removed after its event. So a
staff member never holds more than the holdings say, and a crash in between leaves an entry too many, which
`HoldingMaintenance` removes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.customers.change_events import CustomerChangeEvents
from domain.customers.errors import CustomerNotFound, CustomerOutOfScope, CustomerVersionConflict
from domain.customers.model import Customer
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ports import CustomerRepository, Holding, HoldingStore
from domain.shared.actor import Actor
from domain.shared.business_day import business_day
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.shared.scope import EVERYTHING, Scope

CustomerEvents = Callable[[Customer], Sequence[DomainEvent]]
"""Events that a change itself does not show, saved with it. Gets the customer as it will be saved."""
CustomerDecision = Callable[[Customer, datetime], Customer]
"""A pure change. Called again with a newer customer after a conflict. Returning the same object means no change."""


def no_events(customer: Customer) -> Sequence[DomainEvent]:
    return ()


class CustomerUnitOfWork:
    def __init__(
        self,
        repository: CustomerRepository,
        holdings: HoldingStore,
        change_events: CustomerChangeEvents,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._repository = repository
        self._holdings = holdings
        self._change_events = change_events
        self._clock = clock
        self._ids = ids
        self._locks = KeyedLocks()

    async def find(self, customer_id: str, scope: Scope = EVERYTHING) -> Customer:
        """Raises CustomerNotFound, also for a customer outside of the scope."""
        return within(scope, await self._repository.find(customer_id))

    async def find_by_number(self, number: str, scope: Scope = EVERYTHING) -> Customer:
        """Raises CustomerNotFound."""
        return within(scope, await self._repository.find_by_number(number))

    async def of_phone(self, phone: str) -> Customer | None:
        return await self._repository.find_by_phone(phone)

    async def of_account(self, mini_user_id: str) -> Customer | None:
        """The customer that is linked to this mini-program user."""
        return await self._repository.find_by_account(mini_user_id)

    async def add(self, customer: Customer, actor: Actor, reason: str = "") -> Customer:
        """Raises CustomerPhoneTaken, CustomerWeChatTaken, CustomerNumberTaken."""
        return await self.save(None, customer, actor, reason)

    async def change(
        self,
        customer_id: str,
        decide: CustomerDecision,
        actor: Actor,
        *,
        scope: Scope = EVERYTHING,
        expected_version: int | None = None,
        reason: str = "",
        limits: PoolLimits | None = None,
        also: CustomerEvents = no_events,
    ) -> Customer:
        """Load, change and save; repeat after a version conflict, unless `expected_version` forbids it.

        `limits`: the change is a claim, and the caps of the new owner apply. Raises CustomerNotFound,
        CustomerVersionConflict, the errors of `decide` and of `save`.
        """

        async def attempt() -> Customer:
            before = await self.find(customer_id, scope)
            if expected_version is not None and not before.edited_version <= expected_version <= before.version:
                raise CustomerVersionConflict(version=before.version)
            after = decide(before, self._clock.now())
            return before if after is before else await self.save(before, after, actor, reason, limits, also)

        async with self._locks.hold(customer_id):
            return await retry_on_conflict(attempt)

    async def save(
        self,
        before: Customer | None,
        after: Customer,
        actor: Actor,
        reason: str = "",
        limits: PoolLimits | None = None,
        also: CustomerEvents = no_events,
    ) -> Customer:
        """Raises Conflict when another save came first, the errors of taken values, and with `limits`
        HoldingCapReached, DailyClaimCapReached."""
        now = self._clock.now()
        holding, after = self._with_holding(before, after)
        events = self._change_events.of(before, after, actor, now, reason)
        if events:
            after = after.with_fields(edited_version=after.next_version)
        events += also(after)
        if holding is None:
            return await self._repository.save(after, events)
        if limits is None:
            await self._holdings.reserve(holding)
        else:
            await self._holdings.claim(holding, business_day(now), limits)
        try:
            return await self._repository.save(after, events)
        except Conflict:  # nothing was stored; after any other error it may have been
            await self._holdings.give_back(holding, business_day(now))
            raise

    def _with_holding(self, before: Customer | None, after: Customer) -> tuple[Holding | None, Customer]:
        """The entry that the owner must get, and the customer with its id."""
        if not after.counts_as_held:
            return None, after.with_fields(holding_id="")
        if before and before.assigned_to == after.assigned_to and before.holding_id:
            return None, after
        holding = Holding(id=self._ids.next_id(), staff_id=after.assigned_to, customer_id=after.id)
        return holding, after.with_fields(holding_id=holding.id)


def within(scope: Scope, customer: Customer | None) -> Customer:
    """Raises CustomerNotFound for None and for a customer outside of the scope."""
    if customer is None:
        raise CustomerNotFound
    if not scope.covers(*customer.people):
        raise CustomerOutOfScope
    return customer
