"""Counts reveals and exports by person and day, and marks the counts that are unusual for the person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.audit.model import AccessKind, DailyAccesses
from domain.audit.ports import AccessCounter
from domain.shared.business_day import business_day, start_of_day
from domain.shared.model import Model
from domain.shared.ports import Clock

COMPARED_DAYS: Final = 30
"""A person's usual number is the mean of the days with any access, among this many days before."""
UNUSUAL_FACTOR: Final = 3
LEAST_USUAL: Final = 1.0
"""The least usual number, also of a person without any access in the days before."""


class PersonAccesses(Model):
    staff_id: str
    name: str
    reveals: int = 0
    exports: int = 0
    usual_reveals: float = LEAST_USUAL
    usual_exports: float = LEAST_USUAL

    @property
    def unusual(self) -> tuple[AccessKind, ...]:
        """The kinds whose number is at least three times the person's usual."""
        pairs: Mapping[AccessKind, tuple[int, float]] = {
            "reveal": (self.reveals, self.usual_reveals),
            "export": (self.exports, self.usual_exports),
        }
        return tuple(kind for kind, (count, usual) in pairs.items() if count >= UNUSUAL_FACTOR * usual)


class AccessCounts:
    def __init__(self, rows: AccessCounter, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    def today(self) -> date:
        return business_day(self._clock.now())

    async def of_day(self, day: date) -> list[PersonAccesses]:
        """The persons with an access on this day: unusual counts first, then by number of accesses."""
        since, until = start_of_day(day - timedelta(days=COMPARED_DAYS)), start_of_day(day + timedelta(days=1))
        return people_of(day, await self._rows.accesses(since, until))


def people_of(day: date, counted: Sequence[DailyAccesses]) -> list[PersonAccesses]:
    before: dict[tuple[str, AccessKind], list[int]] = defaultdict(list)
    now: dict[str, dict[AccessKind, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for each in counted:
        if each.day == day:
            now[each.staff_id][each.kind] = now[each.staff_id].get(each.kind, 0) + each.count
            names[each.staff_id] = each.name
        else:
            before[each.staff_id, each.kind].append(each.count)
    people = [
        PersonAccesses(
            staff_id=staff_id,
            name=names[staff_id],
            reveals=kinds.get("reveal", 0),
            exports=kinds.get("export", 0),
            usual_reveals=_usual(before[staff_id, "reveal"]),
            usual_exports=_usual(before[staff_id, "export"]),
        )
        for staff_id, kinds in now.items()
    ]
    return sorted(people, key=lambda person: (not person.unusual, -person.reveals - person.exports, person.name))


def _usual(counts: Sequence[int]) -> float:
    return max(LEAST_USUAL, sum(counts) / len(counts)) if counts else LEAST_USUAL
