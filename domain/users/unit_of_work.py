"""One way to change an account that exists: load it, let it act, save it with the facts that follow."""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.users.change_events import Facts
from domain.users.errors import UserMoved, UserNotFound
from domain.users.model import User
from domain.users.ports import UserRepository

Act = Callable[[User, datetime], User]
"""Pure: it may run again when somebody else saved first."""


class Accounts:
    def __init__(self, users: UserRepository, facts: Facts, locks: KeyedLocks, clock: Clock) -> None:
        self._users = users
        self._facts = facts
        self._locks = locks
        self._clock = clock

    async def find(self, user_id: str) -> User:
        """Raises UserNotFound, also for an account that is gone."""
        user = await self._users.find(user_id)
        if user is None or user.is_gone:
            raise UserNotFound
        return user

    async def change(
        self, user_id: str, act: Act, actor: Actor, reason: str = "", expected_version: int | None = None
    ) -> User:
        """Save what `act` made of the account with its audit row, or nothing when it changed nothing.

        Raises UserNotFound, UserMoved when the account was edited after `expected_version`, and what `act` raises.
        """

        def decide(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            if expected_version is not None and not user.edited_version <= expected_version <= user.version:
                raise UserMoved(version=user.version)
            acted = act(user, now)
            if acted == user:
                return user, ()
            after = acted.model_copy(update={"edited_version": user.next_version, "updated_at": now})
            events = [*self._facts.figures(user, after, now), *self._facts.changed(user, after, now)]
            return after, [*events, self._facts.audit(user, after, actor, now, reason)]

        return await self.save_with(user_id, decide)

    async def save_with(
        self, user_id: str, decide: Callable[[User, datetime], tuple[User, Sequence[DomainEvent]]]
    ) -> User:
        """Save what `decide` makes of the account and its events; again when somebody else saved first."""

        async def once() -> User:
            user = await self.find(user_id)
            after, events = decide(user, self._clock.now())
            return user if after == user and not events else await self._users.save(after, events)

        async with self._locks.hold(user_id):
            return await retry_on_conflict(once)
