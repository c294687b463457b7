"""Durable follower that ends holdings."""

from collections import defaultdict
from collections.abc import Sequence

from domain.customers.events import HoldingEnded
from domain.customers.ports import HoldingStore
from domain.shared.events import DomainEvent


class HoldingFollower:
    """Handling an event again changes nothing: an entry's id is used once."""

    def __init__(self, holdings: HoldingStore) -> None:
        self._holdings = holdings

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        ended: dict[str, list[str]] = defaultdict(list)
        for event in events:
            if isinstance(event, HoldingEnded):
                ended[event.staff_id].append(event.holding_id)
        for staff_id, holding_ids in ended.items():
            await self._holdings.end(staff_id, holding_ids)
