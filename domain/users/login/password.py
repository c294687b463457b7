"""Log in with account and password."""

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginThrottle
from domain.shared.retry import retry_on_conflict
from domain.users.errors import WrongPassword
from domain.users.login.completion import Entry, LoggedIn
from domain.users.login.failures import Attempt, Refusals
from domain.users.ports import UserCredentials, UserRepository

_NOBODY = "0" * 24


class PasswordLogins:
    def __init__(
        self,
        users: UserRepository,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        entry: Entry,
        throttle: LoginThrottle,
        refusals: Refusals,
    ) -> None:
        self._users = users
        self._credentials = credentials
        self._hasher = hasher
        self._entry = entry
        self._throttle = throttle
        self._refusals = refusals

    async def login(self, username: str, password: str, actor: Actor) -> LoggedIn:
        """Raises WrongPassword alike, and after the same work, for an unknown account and a wrong password; RateLimited
        after too many of them; UserBlocked only for whoever knows the password."""
        async with self._refusals.noted("password", actor) as attempt:
            await self._throttle.require_allowed(username, actor.address)
            user_id = await self._verified(username, password, attempt, actor)
            await self._throttle.record_success(username, actor.address)
            return await retry_on_conflict(lambda: self._enter(user_id, actor))

    async def _verified(self, username: str, password: str, attempt: Attempt, actor: Actor) -> str:
        user = await self._users.find_by_username(username)
        attempt.user_id = user.id if user else ""
        stored = await self._credentials.hash_of(user.id if user else _NOBODY)
        if not await self._hasher.verify(password, stored) or user is None:
            await self._throttle.record_failure(username, actor.address)
            raise WrongPassword
        return user.id

    async def _enter(self, user_id: str, actor: Actor) -> LoggedIn:
        user = await self._users.find(user_id)
        if user is None or user.is_gone:
            raise WrongPassword
        return await self._entry.admit(user, user, "password", "", actor)
