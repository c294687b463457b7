"""Passwords of staff: changed by their owner, or reset by an administrator."""

from domain.audit.model import audit_of
from domain.sessions.login_try import login_try
from domain.sessions.model import Sessions, keep_session
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.credentials import PasswordHasher
from domain.shared.events import DomainEvent
from domain.shared.known_devices import KnownDevices
from domain.shared.password_check import PasswordCheck
from domain.shared.password_strength import require_strong
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.access import StaffAccess
from domain.staff.administration import StaffAdministration
from domain.staff.errors import OwnAccount, PasswordUnchanged, StaffNotFound, WrongPassword
from domain.staff.events import StaffAccessChanged, StaffChanged, StaffPasswordChanged
from domain.staff.model import Staff
from domain.staff.ports import StaffCredentials, StaffRepository

_GENERATED_LENGTH = 14


class StaffPasswords:
    def __init__(
        self,
        staff: StaffRepository,
        administration: StaffAdministration,
        credentials: StaffCredentials,
        hasher: PasswordHasher,
        check: PasswordCheck,
        devices: KnownDevices,
        access: StaffAccess,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._staff = staff
        self._administration = administration
        self._credentials = credentials
        self._hasher = hasher
        self._check = check
        self._devices = devices
        self._access = access
        self._clock = clock
        self._ids = ids

    async def change(self, own: StaffAuthority, current: str, new: str, actor: Actor) -> None:
        """Ends the other sessions. Raises WrongPassword, LoginDelayed, PasswordUnchanged, WeakPassword."""
        staff = await self._administration.find(own.id)
        attempt = login_try(staff.username, staff, actor.address, self._devices, "", self._clock.now())
        if (left := await self._check.refuse(staff.id, current, attempt)) is not None:
            raise WrongPassword(left)
        if current == new:
            raise PasswordUnchanged
        await self._set(staff, new, actor, kept_session=own.session_id)

    async def reset(self, staff_id: str, editor: StaffAuthority, actor: Actor) -> str:
        """Ends all sessions. Returns the new password, which must be changed at the next log-in.

        Raises StaffNotFound, OwnAccount, GrantsMoreThanHeld.
        """
        staff = await self._administration.find(staff_id)
        if staff.id == editor.id:
            raise OwnAccount
        await self._administration.require_manageable(staff, editor)
        password = self._ids.secret()[:_GENERATED_LENGTH]
        await self._set(staff, password, actor, must_change=True)
        return password

    async def set_by_username(self, username: str, password: str, actor: Actor, *, must_change: bool = False) -> Staff:
        """For the command line. Ends all sessions. `must_change`: the password must be changed at the next log-in.

        Raises StaffNotFound, WeakPassword.
        """
        staff = await self._staff.find_by_username(username)
        if staff is None:
            raise StaffNotFound
        return await self._set(staff, password, actor, must_change=must_change)

    async def _set(
        self, staff: Staff, password: str, actor: Actor, kept_session: str = "", must_change: bool = False
    ) -> Staff:
        # Sessions end first: a crash in between leaves the old password, never an old session beside a new password.
        require_strong(password, (staff.username, staff.name, staff.phone))
        hashed = await self._hasher.hash(password, actor.address)
        told = StaffPasswordChanged(id=self._ids.next_id(), at=self._clock.now(), staff_id=staff.id, by_name=actor.name)
        saved = await self._end_sessions(staff.id, kept_session, must_change, actor, told)
        await self._credentials.store(staff.id, hashed)
        late = await self._administration.find(staff.id)
        if _kept(late, kept_session) != late.sessions:  # the old password was used in between
            saved = await self._end_sessions(staff.id, kept_session, must_change, actor)
        return saved

    async def _end_sessions(
        self, staff_id: str, kept_session: str, must_change: bool, actor: Actor, *more: DomainEvent
    ) -> Staff:
        async def once() -> Staff:
            staff, now = await self._administration.find(staff_id), self._clock.now()
            sessions = _kept(staff, kept_session)
            ended = {"sessionsEnded": len(staff.sessions) - len(sessions)}
            events: list[DomainEvent] = [
                audit_of(self._ids.next_id(), now, actor, ("staff", staff.id), {}, ended),
                StaffAccessChanged(id=self._ids.next_id(), at=now, staff_id=staff.id),
                StaffChanged(id=self._ids.next_id(), at=now, staff_id=staff.id),
                *more,
            ]
            return await self._staff.save(
                staff.edited(now, sessions=sessions, must_change_password=must_change), events
            )

        saved = await retry_on_conflict(once)
        await self._access.forget(saved.id)
        return saved


def _kept(staff: Staff, session_id: str) -> Sessions:
    return keep_session(staff.sessions, session_id) if session_id else ()
