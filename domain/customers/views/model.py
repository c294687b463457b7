"""A saved view: a staff member's name for filters of the customer list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from domain.customers.fields import Line
from domain.shared.entity import Entity
from domain.shared.model import Instant


class SavedView(Entity):
    """A document of the collection `customer_views`. What it shows follows from the reader's own data scope."""

    owner_id: str
    name: Line
    filters: Mapping[str, str] = {}
    """As the list's query has them, without empty ones."""
    shared: bool = False
    """All staff who may see customers can open it by its link."""
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None

    def edited(self, now: datetime, **fields: Any) -> Self:
        changed = self.model_copy(update=fields)
        return self if changed == self else changed.model_copy(update={"updated_at": now})

    def deleted(self, now: datetime) -> Self:
        return self.model_copy(update={"filters": {}, "shared": False, "deleted_at": now, "updated_at": now})

    def snapshot(self) -> dict[str, Any]:
        """The values that an audit row shows; the row masks personal ones."""
        return {"name": self.name, "filters": dict(self.filters), "shared": self.shared}
