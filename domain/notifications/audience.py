"""Visibility of notifications: one rule for sending, lists, counts and marking.

A row has the keys of its data scope: the kind of record, and that kind with each person whom the record belongs to. A
reader has keys, too, and sees the rows with one of them. So a query needs one condition, on one field.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from domain.notifications.types import NotificationTypes
from domain.shared.authority import StaffAuthority
from domain.shared.scope import Resource, scope_of


def scope_keys(resource: Resource | None, owners: Iterable[str]) -> tuple[str, ...]:
    """The keys of a row about a record of these people. Without keys, all staff with the permission see it."""
    people = sorted({owner for owner in owners if owner})
    return (str(resource), *(_key(resource, person) for person in people)) if resource and people else ()


@dataclass(frozen=True, slots=True)
class Visibility:
    """The part of the own notifications that a reader sees. Undeclared types are those of the former system."""

    hidden: tuple[str, ...] = ()
    """Types whose permission the reader lacks."""
    keys: frozenset[str] | None = None
    """None: the reader sees every record."""

    def shows(self, kind: str, scope: Collection[str]) -> bool:
        return kind not in self.hidden and (not scope or self.keys is None or not self.keys.isdisjoint(scope))


def visible_to(authority: StaffAuthority, types: NotificationTypes) -> Visibility:
    hidden = tuple(each.code for each in types.all if each.permission and not authority.may(each.permission))
    scopes = {resource: scope_of(authority, resource) for resource in types.resources}
    if all(scope.is_everything for scope in scopes.values()):
        return Visibility(hidden)
    keys: set[str] = set()
    for resource, scope in scopes.items():
        keys |= {str(resource)} if scope.people is None else {_key(resource, person) for person in scope.people}
    return Visibility(hidden, frozenset(keys))


def _key(resource: Resource, person: str) -> str:
    return f"{resource}:{person}"
