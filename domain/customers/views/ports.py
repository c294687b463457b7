"""The port of saved views."""

from collections.abc import Sequence
from typing import Protocol

from domain.customers.views.model import SavedView
from domain.shared.events import DomainEvent


class SavedViewRepository(Protocol):
    """Does not find deleted views."""

    async def find(self, entity_id: str) -> SavedView | None: ...

    async def of_owner(self, owner_id: str) -> Sequence[SavedView]:
        """In the order of their creation. Raises Unavailable."""

    async def save(self, entity: SavedView, events: Sequence[DomainEvent]) -> SavedView:
        """Raises Conflict, Unavailable."""
