"""Ownership of customers: assignment, freezing, and release to the pool."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.customers.errors import (
    AdministratorRequired,
    AlreadyInPool,
    CustomerFrozen,
    NotTheOwner,
    SignedCustomer,
    UnknownAssignee,
)
from domain.customers.model import Customer
from domain.customers.ports import Assignee, StaffDirectory
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import Role, StaffAuthority
from domain.shared.errors import DomainError
from domain.shared.scope import Resource, scope_of

POOL_RIGHT = "customer:pool"


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result for one customer of a batch."""

    customer_id: str
    refusal: DomainError | None = None


class CustomerOwnership:
    def __init__(self, customers: CustomerUnitOfWork, staff: StaffDirectory) -> None:
        self._customers = customers
        self._staff = staff

    async def assignable(self) -> Sequence[Assignee]:
        """Raises Unavailable."""
        return await self._staff.assignable()

    async def assign(self, customer_id: str, to: str, reason: str, by: StaffAuthority, actor: Actor) -> Customer:
        """Idempotent for the present owner. Raises CustomerNotFound, UnknownAssignee, CustomerFrozen."""
        await self._require_assignee(to)
        return await self._assign(customer_id, to, reason, by, actor)

    async def assign_all(
        self, customer_ids: Sequence[str], to: str, reason: str, by: StaffAuthority, actor: Actor
    ) -> Sequence[RowResult]:
        """Each by itself, in order. Raises UnknownAssignee."""
        await self._require_assignee(to)
        return await each_by_itself(customer_ids, lambda each: self._assign(each, to, reason, by, actor))

    async def release(self, customer_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Customer:
        """To the pool, by the owner or by staff with pool rights.

        Raises CustomerNotFound, NotTheOwner, AlreadyInPool, CustomerFrozen, SignedCustomer.
        """

        def decide(customer: Customer, now: datetime) -> Customer:
            if customer.in_public_pool:
                raise AlreadyInPool
            if by.id != customer.assigned_to and not by.may(POOL_RIGHT):
                raise NotTheOwner
            if customer.is_frozen:
                raise CustomerFrozen(reason=customer.frozen_reason)
            if not customer.is_unsigned:
                raise SignedCustomer
            return customer.released(actor.id, reason, now)

        scope = scope_of(by, Resource.CUSTOMER)
        return await self._customers.change(customer_id, decide, actor, scope=scope, reason=reason)

    async def release_all(
        self, customer_ids: Sequence[str], reason: str, by: StaffAuthority, actor: Actor
    ) -> Sequence[RowResult]:
        """Each by itself, in order."""
        return await each_by_itself(customer_ids, lambda each: self.release(each, reason, by, actor))

    async def freeze(self, customer_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Customer:
        """A frozen customer stays with its owner. Raises AdministratorRequired, CustomerNotFound."""
        _require_administrator(by)
        return await self._customers.change(
            customer_id, lambda customer, now: customer.frozen(actor.id, reason, now), actor, reason=reason
        )

    async def unfreeze(self, customer_id: str, by: StaffAuthority, actor: Actor) -> Customer:
        """Raises AdministratorRequired, CustomerNotFound."""
        _require_administrator(by)
        return await self._customers.change(customer_id, lambda customer, now: customer.unfrozen(now), actor)

    async def _assign(self, customer_id: str, to: str, reason: str, by: StaffAuthority, actor: Actor) -> Customer:
        def decide(customer: Customer, now: datetime) -> Customer:
            if customer.is_frozen and to != customer.assigned_to:
                raise CustomerFrozen(reason=customer.frozen_reason)
            return customer.assigned(to, actor.id, reason, now)

        scope = scope_of(by, Resource.CUSTOMER)
        return await self._customers.change(customer_id, decide, actor, scope=scope, reason=reason)

    async def _require_assignee(self, staff_id: str) -> None:
        if await self._staff.assignee(staff_id) is None:
            raise UnknownAssignee


async def each_by_itself(
    customer_ids: Sequence[str], work: Callable[[str], Awaitable[Customer]]
) -> Sequence[RowResult]:
    """A result for each id; a refusal of one does not stop the others."""
    results = []
    for customer_id in customer_ids:
        try:
            await work(customer_id)
        except DomainError as error:
            results.append(RowResult(customer_id, error))
        else:
            results.append(RowResult(customer_id))
    return results


def _require_administrator(by: StaffAuthority) -> None:
    if by.role != Role.ADMIN:
        raise AdministratorRequired
