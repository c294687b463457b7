"""Login with account name and password."""

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginThrottle
from domain.shared.retry import retry_on_conflict
from domain.users.errors import WrongPassword
from domain.users.login.completion import LoggedIn, LoginCompletion
from domain.users.login.failures import FailedLoginRecorder, LoginProgress
from domain.users.ports import UserCredentials, UserRepository

_UNKNOWN_USER_ID = "0" * 24
"""Looked up for an unknown account name, so that the answer takes as long as for a known one."""


class PasswordLogins:
    def __init__(
        self,
        users: UserRepository,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        completion: LoginCompletion,
        throttle: LoginThrottle,
        failures: FailedLoginRecorder,
    ) -> None:
        self._users = users
        self._credentials = credentials
        self._hasher = hasher
        self._completion = completion
        self._throttle = throttle
        self._failures = failures

    async def login(self, username: str, password: str, actor: Actor) -> LoggedIn:
        """Log in with account name and password.

        Raises WrongPassword, after the same amount of work, for an unknown account and for a wrong password;
        RateLimited after too many failures; UserBlocked only when the password is right.
        """
        async with self._failures.recording("password", actor) as progress:
            await self._throttle.require_allowed(username, actor.address)
            user_id = await self._verify(username, password, progress, actor)
            await self._throttle.record_success(username, actor.address)
            return await retry_on_conflict(lambda: self._complete(user_id, actor))

    async def _verify(self, username: str, password: str, progress: LoginProgress, actor: Actor) -> str:
        user = await self._users.find_by_username(username)
        progress.user_id = user.id if user else ""
        stored = await self._credentials.hash_of(user.id if user else _UNKNOWN_USER_ID)
        if not await self._hasher.verify(password, stored) or user is None:
            await self._throttle.record_failure(username, actor.address)
            raise WrongPassword
        return user.id

    async def _complete(self, user_id: str, actor: Actor) -> LoggedIn:
        user = await self._users.find(user_id)
        if user is None or user.is_gone:
            raise WrongPassword
        return await self._completion.complete(user, user, "password", "", actor)
