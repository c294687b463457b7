"""Ports of recycling."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.customers.model import Customer
from domain.customers.recycling.model import FallCandidate, PoolRules
from domain.shared.events import DomainEvent


class PoolRuleRepository(Protocol):
    async def current(self) -> PoolRules | None:
        """None: no rules have been set yet. Raises Unavailable."""

    async def save(self, entity: PoolRules, events: Sequence[DomainEvent]) -> PoolRules:
        """Raises Conflict, Unavailable."""


class FallingCustomers(Protocol):
    def falling(self, before: datetime, owner: str = "") -> AsyncIterator[FallCandidate]:
        """Of the customers, or those of one owner, whose `fall_clock` is not after `before`."""

    async def of_ids(self, ids: Sequence[str]) -> Sequence[Customer]: ...
