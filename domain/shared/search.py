"""The contribution of an area to the search of all areas (全局搜索)."""

from typing import Protocol

from domain.shared.authority import StaffAuthority
from domain.shared.model import Model


class Hit(Model):
    id: str
    """Opens the record on its page."""
    title: str
    detail: str = ""
    status: str = ""


class Found(Model):
    hits: tuple[Hit, ...] = ()
    """The first ones, in the order of the area's list."""
    total: int = 0


class Searcher(Protocol):
    """Finds records of one area for a member of staff: by the words and within the data scope of the area's list."""

    @property
    def area(self) -> str:
        """The name of the page that opens the hits."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """Those of the area's list; any one is enough."""

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        """Raises DomainError."""
