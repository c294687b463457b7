"""Unread counts (未读数): of many people, within the rights of each."""

from collections.abc import Mapping, Sequence

from domain.notifications.audience import visible_to
from domain.notifications.ports import NotificationStore
from domain.notifications.types import NotificationTypes
from domain.shared.authority import StaffAuthority


class UnreadCounts:
    def __init__(self, store: NotificationStore, types: NotificationTypes) -> None:
        self._store = store
        self._types = types

    async def of(self, authority: StaffAuthority) -> int:
        """Raises Unavailable."""
        return (await self.of_all([authority]))[authority.id]

    async def of_all(self, readers: Sequence[StaffAuthority]) -> Mapping[str, int]:
        """The count of each reader, by id. Raises Unavailable."""
        counts = dict.fromkeys((each.id for each in readers), 0)
        visibilities = {each.id: visible_to(each, self._types) for each in readers}
        for group in await self._store.unread_groups(list(counts)):
            if visibilities[group.user_id].shows(group.type, group.scope):
                counts[group.user_id] += group.count
        return counts
