"""Reading customers: lists, details, searches, counts and logs, each within the data scope of the reader."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from domain.audit.model import audit_of
from domain.customers.change_events import AUDIT_TARGET
from domain.customers.customer_query import CustomerCounts, CustomerFilter, CustomerQuery
from domain.customers.errors import AdministratorRequired, CustomerNotFound, CustomerOutOfScope
from domain.customers.model import Customer
from domain.customers.ownership.logs import AssignmentRow, OperationRow, PoolRow
from domain.customers.ports import CustomerList, CustomerLogs, StaffDirectory
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import Role, StaffAuthority
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.scope import Resource, Scope, scope_of


def customer_scope(by: StaffAuthority) -> Scope:
    """The customers that the staff member may see and change, besides those of the pool."""
    return scope_of(by, Resource.CUSTOMER)


class SeenCustomer(Model):
    """`within_scope` False: a customer of the pool, of which the reader sees little."""

    customer: Customer
    within_scope: bool
    possible_duplicates: tuple[str, ...] = ()
    """Customers within the reader's scope that have the same identity card, or the phone of the signed contract."""


class CustomerQueries:
    def __init__(
        self,
        customers: CustomerUnitOfWork,
        listing: CustomerList,
        logs: CustomerLogs,
        staff: StaffDirectory,
        audit: DurableFollower,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._customers = customers
        self._listing = listing
        self._logs = logs
        self._staff = staff
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def see(self, customer_id: str, by: StaffAuthority) -> SeenCustomer:
        """Raises CustomerNotFound."""
        return await self._seen(await self._customers.find(customer_id), by)

    async def see_by_number(self, number: str, by: StaffAuthority) -> SeenCustomer:
        """Raises CustomerNotFound."""
        return await self._seen(await self._customers.find_by_number(number), by)

    async def within_scope(self, customer_id: str, by: StaffAuthority) -> Customer:
        """Raises CustomerNotFound."""
        return await self._customers.find(customer_id, customer_scope(by))

    async def page(self, query: CustomerQuery, paging: PageRequest) -> Page[Customer]:
        """Raises PageTooDeep, SearchTooBroad."""
        return await self._listing.page(query, paging)

    async def count(self, wanted: CustomerFilter, limit: int) -> int:
        """Stops at `limit`."""
        return await self._listing.count(wanted, limit)

    async def counts(self, scope: Scope) -> CustomerCounts:
        """Of all customers within the scope, without those of the pool."""
        return await self._listing.counts(CustomerFilter(scope=scope, with_lost=True))

    async def staff_names(self, ids: Iterable[str]) -> Mapping[str, str]:
        return await self._staff.names(sorted({each for each in ids if each}))

    async def reveal(
        self, customer_id: str, fields: Sequence[str], reason: str, by: StaffAuthority, actor: Actor
    ) -> Customer:
        """The customer, after an audit row about the revealed fields is stored. Raises CustomerNotFound."""
        customer = await self._customers.find(customer_id, customer_scope(by))
        shown = {"revealed": sorted(fields)}
        row = audit_of(self._ids.next_id(), self._clock.now(), actor, (AUDIT_TARGET, customer_id), {}, shown, reason)
        await self._audit.follow((row,))
        return customer

    async def assignments(self, customer_id: str, by: StaffAuthority, paging: PageRequest) -> Page[AssignmentRow]:
        """Raises CustomerNotFound, PageTooDeep."""
        await self._customers.find(customer_id, customer_scope(by))
        return await self._logs.assignments(customer_id, paging)

    async def pool_moves(self, customer_id: str, by: StaffAuthority, paging: PageRequest) -> Page[PoolRow]:
        """Raises CustomerNotFound, PageTooDeep."""
        await self._customers.find(customer_id, customer_scope(by))
        return await self._logs.pool_moves(customer_id, paging)

    async def operations(self, customer_id: str, by: StaffAuthority, paging: PageRequest) -> Page[OperationRow]:
        """Also of a deleted customer. Raises AdministratorRequired, PageTooDeep."""
        if by.role != Role.ADMIN:
            raise AdministratorRequired
        return await self._logs.operations(customer_id, paging)

    async def _seen(self, customer: Customer, by: StaffAuthority) -> SeenCustomer:
        scope = customer_scope(by)
        inside = scope.covers(*customer.people)
        if not inside and not customer.in_public_pool:
            raise CustomerOutOfScope
        duplicates = await self._duplicates(customer, scope) if inside else ()
        return SeenCustomer(customer=customer, within_scope=inside, possible_duplicates=duplicates)

    async def _duplicates(self, customer: Customer, scope: Scope) -> tuple[str, ...]:
        found = await self._listing.of_id_card(customer.id_card_number) if customer.id_card_number else ()
        same = {each for each, people in found if each != customer.id and scope.covers(*people)}
        if customer.same_phone_customer_id:
            with suppress(CustomerNotFound):
                same.add((await self._customers.find(customer.same_phone_customer_id, scope)).id)
        return tuple(sorted(same))
