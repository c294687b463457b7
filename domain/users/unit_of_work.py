"""Changes an existing account: load, change, save with the events that follow, retry on conflict."""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.users.change_events import UserChangeEvents
from domain.users.errors import UserNotFound, UserVersionConflict
from domain.users.model import User
from domain.users.ports import UserRepository

Change = Callable[[User, datetime], User]
"""Pure: it runs again after a save that conflicted."""
ChangeWithEvents = Callable[[User, datetime], tuple[User, Sequence[DomainEvent]]]
"""As `Change`; also returns the events to save with the account."""


class UserUnitOfWork:
    def __init__(self, users: UserRepository, change_events: UserChangeEvents, locks: KeyedLocks, clock: Clock) -> None:
        self._users = users
        self._change_events = change_events
        self._locks = locks
        self._clock = clock

    async def find(self, user_id: str) -> User:
        """Raises UserNotFound, also for a deleted or merged account."""
        user = await self._users.find(user_id)
        if user is None or user.is_gone:
            raise UserNotFound
        return user

    async def change(
        self, user_id: str, change: Change, actor: Actor, reason: str = "", expected_version: int | None = None
    ) -> User:
        """Save the changed account with its events and its audit row; save nothing when `change` returns it unchanged.

        Raises UserNotFound, UserVersionConflict when the account was edited after `expected_version`, and what `change`
        raises.
        """

        def decide(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            if expected_version is not None and not user.edited_version <= expected_version <= user.version:
                raise UserVersionConflict(version=user.version)
            changed = change(user, now)
            if changed == user:
                return user, ()
            after = changed.model_copy(update={"edited_version": user.next_version, "updated_at": now})
            return after, [
                *self._change_events.counted_events(user, after, now),
                *self._change_events.user_changed(user, after, now),
                *self._change_events.phone_verified(user, after, now),
                *self._change_events.blocked(user, after, actor, now, reason),
                self._change_events.audit_row(user, after, actor, now, reason),
            ]

        return await self.change_with_events(user_id, decide)

    async def change_with_events(self, user_id: str, decide: ChangeWithEvents) -> User:
        """Save the account and the events that `decide` returns; load and decide again after a conflict."""

        async def once() -> User:
            user = await self.find(user_id)
            after, events = decide(user, self._clock.now())
            return user if after == user and not events else await self._users.save(after, events)

        async with self._locks.hold(user_id):
            return await retry_on_conflict(once)
