"""Follow-ups of customers: recording and listing them, and the customers with a due follow-up."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.customers.change_events import card_of
from domain.customers.customer_query import CustomerFilter, CustomerQuery, SortField
from domain.customers.errors import FollowUpInPool, NextFollowUpRefused
from domain.customers.events import CustomerFollowedUp
from domain.customers.follow_ups.model import FollowUp, FollowUpType
from domain.customers.model import NOT_FOLLOWED_UP, Customer
from domain.customers.ports import CustomerList, CustomerLogs
from domain.customers.queries import customer_scope
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day, start_of_day
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, IdGenerator
from domain.shared.scope import Scope

FURTHEST_NEXT: Final = timedelta(days=731)
DUE_DAYS: Final = 7
"""The due list shows today and as many days after it."""
_COUNTED: Final = 1_000


class DueRange(Model):
    """[`since`, `until`); None: no bound."""

    since: Instant | None = None
    until: Instant | None = None


class DueWithin(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    EVERY = "all"


def due_ranges(now: datetime) -> Mapping[DueWithin, DueRange]:
    """By business days. `overdue` ends now: follow-ups due later on this day are in `today`."""
    midnight = start_of_day(business_day(now) + timedelta(days=1))
    end = midnight + timedelta(days=DUE_DAYS)
    return {
        DueWithin.OVERDUE: DueRange(until=now),
        DueWithin.TODAY: DueRange(since=now, until=midnight),
        DueWithin.WEEK: DueRange(since=midnight, until=end),
        DueWithin.EVERY: DueRange(until=end),
    }


class Todo(Model):
    """Figures of 今日待办, each at most 1,000. `not_contacted`: the present owner has not followed up yet."""

    overdue: int
    today: int
    week: int
    not_contacted: int


class FollowUps:
    def __init__(
        self,
        customers: CustomerUnitOfWork,
        listing: CustomerList,
        logs: CustomerLogs,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._customers = customers
        self._listing = listing
        self._logs = logs
        self._clock = clock
        self._ids = ids

    async def add(
        self,
        customer_id: str,
        kind: FollowUpType,
        content: str,
        next_at: datetime | None,
        by: StaffAuthority,
        actor: Actor,
    ) -> FollowUp:
        """Notes a follow-up with the change of the customer that it is. Without `next_at` none is planned any more.

        Raises CustomerNotFound, FollowUpInPool, NextFollowUpRefused.
        """
        now = self._clock.now()
        if next_at is not None and not now < next_at <= now + FURTHEST_NEXT:
            raise NextFollowUpRefused
        follow_up = FollowUp(
            id=self._ids.next_id(),
            customer_id=customer_id,
            type=kind,
            content=content,
            next_follow_up_at=next_at,
            created_by=actor.id,
            created_at=now,
        )

        def decide(customer: Customer, _: datetime) -> Customer:
            if customer.in_public_pool:
                raise FollowUpInPool
            return customer.followed_up(actor.id, now, next_at)

        def noted(customer: Customer) -> Sequence[DomainEvent]:
            card = card_of(customer, customer.next_version)
            return [CustomerFollowedUp(id=follow_up.id, at=now, card=card, actor=actor.ref(), follow_up=follow_up)]

        await self._customers.change(customer_id, decide, actor, scope=customer_scope(by), also=noted)
        return follow_up

    async def page(self, customer_id: str, by: StaffAuthority, paging: PageRequest) -> Page[FollowUp]:
        """Newest first. Raises CustomerNotFound, PageTooDeep."""
        await self._customers.find(customer_id, customer_scope(by))
        return await self._logs.follow_ups(customer_id, paging)

    async def due(self, within: DueWithin, owner: str, by: StaffAuthority, paging: PageRequest) -> Page[Customer]:
        """The customers whose next follow-up is due, the longest due first. `owner`: of this person only.

        Raises PageTooDeep.
        """
        wanted = _due(customer_scope(by), due_ranges(self._clock.now())[within], owner)
        query = CustomerQuery(filter=wanted, sort=SortField.FOLLOW_UP_DUE, descending=False)
        return await self._listing.page(query, paging)

    async def todo(self, by: StaffAuthority) -> Todo:
        """Of the staff member's own customers."""
        own, ranges = Scope.of(by.id), due_ranges(self._clock.now())

        async def number(wanted: CustomerFilter) -> int:
            return await self._listing.count(wanted, _COUNTED)

        overdue, today, week, *not_contacted = await asyncio.gather(
            *(number(_due(own, ranges[each], by.id)) for each in (DueWithin.OVERDUE, DueWithin.TODAY, DueWithin.WEEK)),
            *(number(CustomerFilter(scope=own, owner_id=by.id, follow_up_status=each)) for each in NOT_FOLLOWED_UP),
        )
        return Todo(overdue=overdue, today=today, week=week, not_contacted=min(_COUNTED, sum(not_contacted)))


def _due(scope: Scope, within: DueRange, owner: str) -> CustomerFilter:
    return CustomerFilter(scope=scope, owner_id=owner, due=True, due_from=within.since, due_until=within.until)
