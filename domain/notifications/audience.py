"""Who may see which notifications: the one rule of lists, counts, reading and pushes, computed at reading."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.notifications.types import NotificationTypes
from domain.shared.authority import StaffAuthority
from domain.shared.scope import scope_of


@dataclass(frozen=True, slots=True)
class Restriction:
    """Of these types, the reader sees those about records of these people, and about records without an owner."""

    types: tuple[str, ...]
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a reader sees of the own notifications. Types that nobody declares are those of the former system."""

    hidden: tuple[str, ...] = ()
    """Types whose permission the reader lacks."""
    restrictions: tuple[Restriction, ...] = ()

    def shows(self, kind: str, owners: Collection[str]) -> bool:
        if kind in self.hidden:
            return False
        return all(
            kind not in each.types or not owners or not each.people.isdisjoint(owners) for each in self.restrictions
        )


def visible_to(authority: StaffAuthority, types: NotificationTypes) -> Visibility:
    hidden: list[str] = []
    restricted: dict[frozenset[str], list[str]] = {}
    for each in types.all:
        people = scope_of(authority, each.resource).people if each.resource else None
        if each.permission and not authority.may(each.permission):
            hidden.append(each.code)
        elif people is not None:
            restricted.setdefault(people, []).append(each.code)
    restrictions = (Restriction(tuple(codes), people) for people, codes in restricted.items())
    return Visibility(tuple(hidden), tuple(restrictions))
