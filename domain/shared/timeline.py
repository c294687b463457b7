"""The contribution of an area to the timeline (时间线) of a customer."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol, Self

from domain.shared.authority import StaffAuthority
from domain.shared.model import Instant, Model
from domain.shared.notifications import RecordRef
from domain.shared.text import Text


class TimelineCursor(Model):
    """A place between two entries: the newest entries are first, of one instant those with the greater id."""

    at: Instant
    id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        milliseconds, _, entry_id = text.partition(".")
        try:
            at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError("no such instant") from error
        return cls(at=at, id=entry_id)

    def __str__(self) -> str:
        return f"{round(self.at.timestamp() * 1000)}.{self.id}"

    def is_before(self, at: datetime, entry_id: str) -> bool:
        """True for an entry that comes after this place, that is, an older one."""
        return (at, entry_id) < (self.at, self.id)


class TimelineEntry(Model):
    """The people are ids of staff members. `actor_name` is set where the area knows it."""

    id: str
    """Unique among all entries, and the same each time."""
    at: Instant
    kind: str
    title: Text
    detail: Text = Text("", "")
    record: RecordRef | None = None
    """The record that a click opens, other than the customer."""
    actor_id: str = ""
    actor_name: str = ""
    from_id: str = ""
    to_id: str = ""

    @property
    def cursor(self) -> TimelineCursor:
        return TimelineCursor(at=self.at, id=self.id)


def first_after(before: TimelineCursor | None, entries: Iterable[TimelineEntry], limit: int) -> list[TimelineEntry]:
    """The first entries after the place `before`, in order."""
    shown = [each for each in entries if before is None or before.is_before(each.at, each.id)]
    return sorted(shown, key=lambda each: (each.at, each.id), reverse=True)[:limit]


class TimelineSource(Protocol):
    """Entries of one kind, for members of staff who may see the customer."""

    @property
    def name(self) -> str:
        """As answers call it, for instance when it fails."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """Any one is enough."""

    async def entries(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> list[TimelineEntry]:
        """The first entries after the place `before`, in order, within the reader's data scope. Raises DomainError."""
