"""Follows records that change their owner, so that only staff who may see a record see its notifications."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from domain.notifications.audience import scope_keys
from domain.notifications.events import NotificationAudienceChanged
from domain.notifications.model import RecordOwners
from domain.notifications.ports import NotificationStore
from domain.shared.events import DomainEvent
from domain.shared.notifications import OwnersChanged, OwnershipRule
from domain.shared.parts import parts_of
from domain.shared.ports import Clock, EventPublisher, IdGenerator

NOBODY: Final = "nobody"
"""Owns a record without owners: only who sees all records sees its notifications."""
ANNOUNCED_TOGETHER: Final = 500
"""People in one event."""


class OwnershipFollower:
    """Follows the causes of the rules durably."""

    def __init__(
        self,
        rules: Iterable[OwnershipRule[Any]],
        store: NotificationStore,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self.rules = {rule.cause: rule for rule in rules}
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._ids = ids

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        concerned: dict[str, None] = {}
        for event in events:
            rule = self.rules.get(type(event))
            changed = rule.change(event) if rule else None
            if changed is not None:
                concerned |= dict.fromkeys(await self._move(changed, event.at))
        for part in parts_of(tuple(concerned), ANNOUNCED_TOGETHER):
            event_id, at = self._ids.next_id(), self._clock.now()
            await self._publisher.publish([NotificationAudienceChanged(id=event_id, at=at, user_ids=tuple(part))])

    async def _move(self, changed: OwnersChanged, at: datetime) -> Sequence[str]:
        # Kept first: the sender looks after it has stored, so that a fact of this moment follows, too.
        owners = RecordOwners(about=changed.about, owners=changed.owners or (NOBODY,), at=at)
        newest = await self._store.keep_owners(owners)
        return await self._store.set_scope(changed.about, scope_keys(changed.resource, newest.owners))
