"""Login with account name and password."""

from domain.sessions.login_try import login_try
from domain.shared.actor import Actor
from domain.shared.known_devices import KnownDevices
from domain.shared.password_check import PasswordCheck
from domain.shared.ports import Clock
from domain.shared.retry import retry_on_conflict
from domain.users.errors import WrongPassword
from domain.users.login.completion import LoggedIn, LoginCompletion
from domain.users.login.failures import FailedLoginRecorder
from domain.users.ports import UserRepository


class PasswordLogins:
    def __init__(
        self,
        users: UserRepository,
        passwords: PasswordCheck,
        devices: KnownDevices,
        completion: LoginCompletion,
        failures: FailedLoginRecorder,
        clock: Clock,
    ) -> None:
        self._users = users
        self._passwords = passwords
        self._devices = devices
        self._completion = completion
        self._failures = failures
        self._clock = clock

    async def login(self, username: str, password: str, actor: Actor, device: str = "") -> LoggedIn:
        """Log in with account name and password. `device`: the tokens of a known device.

        Raises WrongPassword, after the same amount of work, for an unknown account and for a wrong password;
        LoginDelayed after too many wrong ones; UserBlocked only when the password is right.
        """
        async with self._failures.recording("password", actor) as progress:
            user = await self._users.find_by_username(username)
            progress.user_id = user.id if user else ""
            attempt = login_try(username, user, actor.address, self._devices, device, self._clock.now())
            left = await self._passwords.refuse(user.id if user else None, password, attempt)
            if left is not None or user is None:
                raise WrongPassword(left)
            user_id = user.id
            return await retry_on_conflict(lambda: self._complete(user_id, actor))

    async def _complete(self, user_id: str, actor: Actor) -> LoggedIn:
        user = await self._users.find(user_id)
        if user is None or user.is_gone:
            raise WrongPassword
        return await self._completion.complete(user, user, "password", "", actor)
