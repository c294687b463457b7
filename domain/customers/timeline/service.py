"""The timeline of a customer (时间线): the entries from the sources of all areas, in one order."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.customers.queries import CustomerQueries
from domain.shared.authority import StaffAuthority
from domain.shared.errors import DomainError
from domain.shared.timeline import TimelineCursor, TimelineEntry, TimelineSource, first_after

SECONDS_PER_SOURCE: Final = 2.0

log = logging.getLogger("error.timeline")


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`unavailable`: the sources that failed, whose entries are missing. `next`: None on the last page."""

    entries: Sequence[TimelineEntry]
    next: TimelineCursor | None
    unavailable: Sequence[str]


class CustomerTimeline:
    def __init__(
        self,
        customers: CustomerQueries,
        sources: Sequence[TimelineSource],
        seconds_per_source: float = SECONDS_PER_SOURCE,
    ) -> None:
        self._customers = customers
        self._sources = sources
        self._seconds_per_source = seconds_per_source

    async def page(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> TimelinePage:
        """Entries that come meanwhile are before the first page, so a cursor stays valid. Raises CustomerNotFound."""
        await self._customers.within_scope(customer_id, reader)
        allowed = [each for each in self._sources if not each.permissions or any(map(reader.may, each.permissions))]
        # One entry more than is shown, to know if there is another page.
        found = await asyncio.gather(*(self._ask(each, customer_id, reader, before, limit + 1) for each in allowed))
        merged = first_after(before, (entry for entries in found for entry in entries or ()), limit + 1)
        shown = merged[:limit]
        return TimelinePage(
            entries=shown,
            next=shown[-1].cursor if len(merged) > limit else None,
            unavailable=[source.name for source, entries in zip(allowed, found, strict=True) if entries is None],
        )

    async def _ask(
        self,
        source: TimelineSource,
        customer_id: str,
        reader: StaffAuthority,
        before: TimelineCursor | None,
        limit: int,
    ) -> Sequence[TimelineEntry] | None:
        """None: the source failed. The others are shown nevertheless."""
        try:
            async with asyncio.timeout(self._seconds_per_source):
                return await source.entries(customer_id, reader, before, limit)
        except (DomainError, TimeoutError):
            log.warning("timeline.source_unavailable", extra={"source": source.name})
        except Exception:
            log.exception("timeline.source_failed", extra={"source": source.name})
        return None
