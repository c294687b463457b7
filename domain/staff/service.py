"""Sessions of staff: login, refresh, logout."""

from datetime import timedelta

from domain.audit.model import audit_of
from domain.sessions.login_try import login_try
from domain.sessions.model import (
    PresentedToken,
    Session,
    SessionEnded,
    remove_session,
    rotate_secret,
    secret_digest,
)
from domain.sessions.tokens import AccessTokens, SessionTokens, format_refresh_token, presented_token
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Conflict, PermissionDenied
from domain.shared.events import DomainEvent
from domain.shared.known_devices import KnownDevices
from domain.shared.model import Model
from domain.shared.password_check import PasswordCheck
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.access import StaffAccess
from domain.staff.events import StaffAccessChanged
from domain.staff.login_log import StaffLoginLog
from domain.staff.model import BadCredentials, Staff
from domain.staff.ports import StaffRepository

REFRESH_LIFETIME = timedelta(days=14)
_MAX_TRIES = 5


class StaffLoggedIn(Model):
    staff: Staff
    authority: StaffAuthority
    tokens: SessionTokens


class StaffSessions:
    def __init__(
        self,
        staff: StaffRepository,
        check: PasswordCheck,
        tokens: AccessTokens,
        devices: KnownDevices,
        access: StaffAccess,
        log: StaffLoginLog,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._staff = staff
        self._tokens = tokens
        self._check = check
        self._devices = devices
        self._access = access
        self._log = log
        self._clock = clock
        self._ids = ids

    async def login(self, username: str, password: str, actor: Actor, device: str = "") -> StaffLoggedIn:
        """Log in with user name and password. `device`: the tokens of a known device.

        Raises BadCredentials for an unknown name and for a wrong password, LoginDelayed after too many wrong ones,
        StaffSuspended or StaffDisabled only when the password is right.
        """
        found = await self._staff.find_by_username(username)
        attempt = login_try(username, found, actor.address, self._devices, device, self._clock.now())
        left = await self._check.refuse(found.id if found else None, password, attempt)
        if left is not None or found is None:
            await self._log.refused(username, found, BadCredentials.code, actor)
            raise BadCredentials(left)
        return await self.open_session(found, actor, known_device=bool(attempt.device))

    async def open_session(
        self, staff: Staff, actor: Actor, *, known_device: bool, wechat: bool = False
    ) -> StaffLoggedIn:
        """Completes a log-in after its proof, and records it. Raises StaffSuspended, StaffDisabled."""
        try:
            staff.require_usable()
        except PermissionDenied as error:
            await self._log.refused(staff.username, staff, error.code, actor, wechat=wechat)
            raise
        login = self._log.accepted(staff, actor, known_device=known_device, wechat=wechat)
        now, session_id = self._clock.now(), self._ids.next_id()
        secret = self._tokens.refresh_secret(session_id, self._ids.secret())
        session = Session(
            id=session_id,
            refresh_hash=secret_digest(secret),
            started_at=now,
            used_at=now,
            expires_at=now + REFRESH_LIFETIME,
            address=actor.address,
            user_agent=actor.user_agent,
        )
        row = audit_of(
            self._ids.next_id(), now, staff.as_actor(actor), ("staff", staff.id), {}, {"session": session.id}
        )
        for attempt in range(_MAX_TRIES):
            try:
                after = staff.logged_in(session, now)
                displaced = self._displaced(staff, after)
                saved = await self._staff.save(after, [row, login, *displaced])
                if displaced:
                    await self._access.forget(saved.id)
                return await self._logged_in(saved, self._issue(saved.id, session.id, secret))
            except Conflict:  # another device is logging in concurrently
                if attempt == _MAX_TRIES - 1:
                    raise
                staff = await self._reload(staff.id)
        raise AssertionError("unreachable")

    def _displaced(self, before: Staff, after: Staff) -> list[DomainEvent]:
        """The sessions that a further one ends, because an account has no more than MAX_SESSIONS. Without an event
        they would go on until caches forget them."""
        kept, now = {each.id for each in after.sessions}, self._clock.now()
        return [
            StaffAccessChanged(id=self._ids.next_id(), at=now, staff_id=before.id, session_id=each.id)
            for each in before.sessions
            if each.id not in kept
        ]

    async def _logged_in(self, staff: Staff, tokens: SessionTokens) -> StaffLoggedIn:
        authority = await self._access.authority_of_member(staff)
        return StaffLoggedIn(staff=staff, authority=authority, tokens=tokens)

    async def _reload(self, staff_id: str) -> Staff:
        staff = await self._staff.find(staff_id)
        if staff is None:
            raise SessionEnded
        staff.require_usable()
        return staff

    def _issue(self, staff_id: str, session_id: str, secret: str) -> SessionTokens:
        access, seconds = self._tokens.issue("staff", staff_id, session_id, self._clock.now())
        return SessionTokens(
            access_token=access, refresh_token=format_refresh_token(staff_id, session_id, secret), expires_in=seconds
        )

    async def refresh(self, token: str) -> StaffLoggedIn:
        """Exchange a refresh token. Presenting a used token ends its session, unless a client repeats a lost call.

        Raises SessionEnded, StaffSuspended, StaffDisabled.
        """
        presented = presented_token(token, self._tokens)
        return await retry_on_conflict(lambda: self._renew(presented))

    async def _renew(self, token: PresentedToken) -> StaffLoggedIn:
        staff = await self._reload(token.account_id)
        now = self._clock.now()
        rotation = rotate_secret(staff.sessions, token, now, REFRESH_LIFETIME)
        changed = staff.with_sessions(rotation.sessions, now)
        if rotation.reused:
            await self._end(changed, token.session_id)
            raise SessionEnded
        saved = staff if rotation.sessions == staff.sessions else await self._staff.save(changed, [])
        return await self._logged_in(saved, self._issue(staff.id, token.session_id, token.replacement))

    def renew_access(self, authority: StaffAuthority) -> tuple[str, int]:
        """A new access token and its lifetime in seconds, for a session with a valid one. Legacy clients refresh so."""
        return self._tokens.issue("staff", authority.id, authority.session_id, self._clock.now())

    async def logout(self, staff_id: str, session_id: str, actor: Actor) -> bool:
        """End one session. Idempotent; False when there was no such session."""
        staff = await self._staff.find(staff_id)
        if staff is None or all(session.id != session_id for session in staff.sessions):
            return False
        now = self._clock.now()
        row = audit_of(self._ids.next_id(), now, actor, ("staff", staff_id), {"session": session_id}, {})
        await self._end(staff.with_sessions(remove_session(staff.sessions, session_id), now), session_id, row)
        return True

    async def _end(self, changed: Staff, session_id: str, *rows: DomainEvent) -> None:
        ended = StaffAccessChanged(
            id=self._ids.next_id(), at=self._clock.now(), staff_id=changed.id, session_id=session_id
        )
        await self._staff.save(changed, [*rows, ended])
        await self._access.forget(changed.id)
