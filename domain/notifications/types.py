"""The table of all notification types, joined from the declarations of the areas."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.shared.events import DomainEvent
from domain.shared.notifications import NotificationType
from domain.shared.scope import Resource


class NotificationTypes:
    """Raises ValueError for two types with one code."""

    def __init__(self, declared: Mapping[str, Iterable[NotificationType[Any]]]) -> None:
        """`declared`: the types of each area, by its name."""
        self.all: Sequence[NotificationType[Any]] = tuple(each for types in declared.values() for each in types)
        self.area_of = {each.code: area for area, types in declared.items() for each in types}
        self.by_code: Mapping[str, NotificationType[Any]] = {each.code: each for each in self.all}
        if len(self.by_code) < len(self.all):
            raise ValueError("two notification types have one code")
        self._by_cause: dict[type[DomainEvent], list[NotificationType[Any]]] = {}
        for each in self.all:
            self._by_cause.setdefault(each.cause, []).append(each)

    @property
    def resources(self) -> frozenset[Resource]:
        """The resources whose data scope limits at least one type."""
        return frozenset(each.resource for each in self.all if each.resource)

    @property
    def causes(self) -> Sequence[type[DomainEvent]]:
        return tuple(self._by_cause)

    def caused_by(self, event: DomainEvent) -> Sequence[NotificationType[Any]]:
        return self._by_cause.get(type(event), ())
