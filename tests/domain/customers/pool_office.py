"""Recycling over stores in memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from domain.customers.model import Customer
from domain.customers.recycling.model import FallCandidate, PoolRule, PoolRules
from domain.customers.recycling.rules import PoolRuleTable
from domain.customers.recycling.service import Recycling
from domain.shared.events import DomainEvent
from tests.domain.customers.builders import NOW
from tests.domain.customers.transfer_office import TransferOffice


def pool_rules(*rules: PoolRule, **fields: Any) -> PoolRules:
    """Enabled long ago; seven days for all customers unless said otherwise."""
    values = {"id": f"{9:024x}", "enabled": True, "updated_at": NOW.replace(year=2025), **fields}
    return PoolRules(rules=rules or (PoolRule(days=7),), **values)


class MemoryPoolRules:
    def __init__(self, rules: PoolRules) -> None:
        self.stored = rules

    async def current(self) -> PoolRules | None:
        return self.stored

    async def save(self, entity: PoolRules, events: Sequence[DomainEvent]) -> PoolRules:
        self.stored = entity.model_copy(update={"version": entity.next_version})
        return self.stored


class PoolOffice(TransferOffice):
    def __init__(self, rules: PoolRules | None = None, *transfers: Any) -> None:
        super().__init__(*transfers)
        self.pool_rules = MemoryPoolRules(rules or pool_rules())
        self.recycling = self.a_recycling()

    def a_recycling(self) -> Recycling:
        """The service as a process that has just started has it."""
        table = PoolRuleTable(self.pool_rules, self.clock, self.ids)
        return Recycling(table, self, self.work, self.runs, self.clock)

    async def falling(self, before: datetime, owner: str = "") -> AsyncIterator[FallCandidate]:
        for each in list(self.customers.stored.values()):
            if each.fall_clock and each.fall_clock <= before and owner in ("", each.assigned_to):
                yield FallCandidate(
                    id=each.id,
                    lead_level=each.lead_level,
                    lead_source=each.lead_source,
                    fall_clock=each.fall_clock,
                    assigned_to=each.assigned_to,
                    people=each.people,
                )

    async def of_ids(self, ids: Sequence[str]) -> Sequence[Customer]:
        return [self.customers.stored[each] for each in ids]

    def pooled(self) -> set[str]:
        return {each.id for each in self.customers.stored.values() if each.in_public_pool}
