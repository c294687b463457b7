"""The board of first responses: customers that wait for one, and those that have waited too long."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.customers.customer_query import CustomerFilter, CustomerQuery, SortField
from domain.customers.model import Customer
from domain.customers.ports import CustomerList
from domain.customers.queries import customer_scope
from domain.customers.sla.rule import ResponseRule
from domain.shared.authority import StaffAuthority
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock
from domain.shared.scope import Scope

_COUNTED: Final = 1_000


class ResponseState(StrEnum):
    BREACHED = "breached"
    WAITING = "waiting"
    EVERY = "all"


class AwaitedResponse(Model):
    customer: Customer
    assigned_at: Instant
    due_at: Instant
    breached: bool
    minutes_left: int
    """Of working time; negative when it is overdue."""


class ResponseFigures(Model):
    """Each number is at most 1,000. `next_due_at`: of the first response that is not overdue yet."""

    waiting: int
    breached: int
    next_due_at: Instant | None


class ResponseBoard:
    def __init__(self, listing: CustomerList, rule: ResponseRule, clock: Clock) -> None:
        self._listing = listing
        self._rule = rule
        self._clock = clock

    async def page(
        self, state: ResponseState, owner: str, by: StaffAuthority, paging: PageRequest
    ) -> Page[AwaitedResponse]:
        """Within the data scope, the longest waiting first. `owner`: of this person only. Raises PageTooDeep."""
        now = self._clock.now()
        found = await self._page(state, customer_scope(by), owner, now, paging)
        return Page.of([row for each in found.list if (row := self._row(each, now))], found.total, found)

    async def figures(self, by: StaffAuthority) -> ResponseFigures:
        """Of the staff member's own customers."""
        now, own = self._clock.now(), Scope.of(by.id)
        waiting = await self._page(ResponseState.WAITING, own, by.id, now, PageRequest(page_size=1))
        first = waiting.list[0].response_awaited_since if waiting.list else None
        overdue = await self._listing.count(self._filter(ResponseState.BREACHED, own, by.id, now), _COUNTED)
        return ResponseFigures(
            waiting=min(waiting.total, _COUNTED),
            breached=overdue,
            next_due_at=self._rule.due_at(first) if first else None,
        )

    async def _page(
        self, state: ResponseState, scope: Scope, owner: str, now: datetime, paging: PageRequest
    ) -> Page[Customer]:
        wanted = self._filter(state, scope, owner, now)
        query = CustomerQuery(filter=wanted, sort=SortField.RESPONSE_AWAITED, descending=False)
        return await self._listing.page(query, paging)

    def _filter(self, state: ResponseState, scope: Scope, owner: str, now: datetime) -> CustomerFilter:
        limit = self._rule.breached_before(now)
        return CustomerFilter(
            scope=scope,
            owner_id=owner,
            awaits_response=True,
            awaited_from=limit if state is ResponseState.WAITING else None,
            awaited_until=limit if state is ResponseState.BREACHED else None,
        )

    def _row(self, customer: Customer, now: datetime) -> AwaitedResponse | None:
        since = customer.response_awaited_since
        if since is None:  # changed since the list was read
            return None
        return AwaitedResponse(
            customer=customer,
            assigned_at=since,
            due_at=self._rule.due_at(since),
            breached=since < self._rule.breached_before(now),
            minutes_left=int(self._rule.time_left(since, now).total_seconds() // 60),
        )
