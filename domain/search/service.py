"""The search of all areas at once: each within the reader's permissions and scope, concurrently."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.shared.authority import StaffAuthority
from domain.shared.errors import DomainError, Unavailable
from domain.shared.masking import mask_text
from domain.shared.search import Found, Hit, Searcher

HITS_PER_AREA: Final = 5
SECONDS_PER_AREA: Final = 2.0

log = logging.getLogger("error.search")


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one area, or the reason why it could not search."""

    area: str
    found: Found
    problem: DomainError | None = None


class GlobalSearch:
    def __init__(self, searchers: Sequence[Searcher], seconds_per_area: float = SECONDS_PER_AREA) -> None:
        self._searchers = searchers
        self._seconds_per_area = seconds_per_area

    async def find(self, text: str, reader: StaffAuthority) -> list[Group]:
        """A group for each area that the reader may see, in the order of the areas."""
        reader.require()
        allowed = [each for each in self._searchers if any(map(reader.may, each.permissions))]
        if not text:
            return [Group(each.area, Found()) for each in allowed]
        return await asyncio.gather(*(self._group(each, text, reader) for each in allowed))

    async def _group(self, searcher: Searcher, text: str, reader: StaffAuthority) -> Group:
        try:
            async with asyncio.timeout(self._seconds_per_area):
                found = await searcher.find(text, reader, HITS_PER_AREA)
        except DomainError as error:
            return Group(searcher.area, Found(), error)
        except TimeoutError:
            return Group(searcher.area, Found(), Unavailable())
        except Exception:
            log.exception("search.failed", extra={"area": searcher.area})  # the other areas answer nevertheless
            return Group(searcher.area, Found(), Unavailable())
        return Group(searcher.area, Found(hits=tuple(map(_masked, found.hits)), total=found.total))


def _masked(hit: Hit) -> Hit:
    """User names and nicknames may be phone numbers."""
    return hit.model_copy(update={"title": mask_text(hit.title), "detail": mask_text(hit.detail)})
