"""Sessions of mini-program users: issued by a login, refreshed, ended, and checked on each request."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.sessions.model import (
    PresentedToken,
    Session,
    SessionEnded,
    is_session_alive,
    rotate_secret,
    secret_digest,
)
from domain.sessions.tokens import (
    AccessClaims,
    AccessTokens,
    SessionTokens,
    format_refresh_token,
    presented_token,
)
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator
from domain.users.change_events import UserChangeEvents, identified_actor
from domain.users.errors import UserNotFound
from domain.users.login.failures import FailedLoginRecorder
from domain.users.model import User
from domain.users.ports import RegionFinder, UserRepository
from domain.users.unit_of_work import UserUnitOfWork

REFRESH_LIFETIME = timedelta(days=30)


class SessionIssuer:
    def __init__(self, tokens: AccessTokens, ids: IdGenerator, lifetime: timedelta = REFRESH_LIFETIME) -> None:
        self._tokens = tokens
        self._ids = ids
        self.lifetime = lifetime

    def new_session(self, actor: Actor, now: datetime) -> tuple[Session, str]:
        """A new session and its refresh secret. The session keeps only the secret's digest."""
        session_id = self._ids.next_id()
        secret = self._tokens.refresh_secret(session_id, self._ids.secret())
        session = Session(
            id=session_id,
            refresh_hash=secret_digest(secret),
            started_at=now,
            used_at=now,
            expires_at=now + self.lifetime,
            address=actor.address,
            user_agent=actor.user_agent,
        )
        return session, secret

    def presented(self, token: str) -> PresentedToken:
        """Raises SessionEnded for a malformed token."""
        return presented_token(token, self._tokens)

    def tokens_for(self, user_id: str, session_id: str, secret: str, now: datetime) -> SessionTokens:
        access, seconds = self._tokens.issue("mp", user_id, session_id, now)
        refresh = format_refresh_token(user_id, session_id, secret)
        return SessionTokens(access_token=access, refresh_token=refresh, expires_in=seconds)


class UserSessions:
    """Implements `UserAccess`."""

    def __init__(
        self,
        users: UserRepository,
        unit_of_work: UserUnitOfWork,
        issuer: SessionIssuer,
        change_events: UserChangeEvents,
        failures: FailedLoginRecorder,
        regions: RegionFinder,
        clock: Clock,
    ) -> None:
        self._users = users
        self._unit_of_work = unit_of_work
        self._issuer = issuer
        self._change_events = change_events
        self._failures = failures
        self._regions = regions
        self._clock = clock

    async def require_session(self, claims: AccessClaims) -> None:
        """Raises SessionEnded, UserBlocked."""
        user = await self._users.find(claims.subject)
        if user is None or user.is_gone:
            raise SessionEnded
        user.require_usable()
        if not is_session_alive(user.sessions, claims.session_id, self._clock.now()):
            raise SessionEnded

    async def refresh(self, token: str, actor: Actor) -> SessionTokens:
        """Exchange a refresh token. Presenting a used token ends its session, unless a client repeats a lost call.

        Raises SessionEnded, UserBlocked.
        """
        async with self._failures.recording("refresh", actor) as progress:
            presented = self._issuer.presented(token)
            reused = False

            def renew(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
                nonlocal reused
                progress.user_id = user.id
                user.require_usable()
                rotation = rotate_secret(user.sessions, presented, now, self._issuer.lifetime)
                reused = rotation.reused
                if reused:
                    return user.without_session(presented.session_id), ()
                if rotation.sessions == user.sessions:
                    return user, ()  # a repeated call gets the same answer
                after = user.refreshed(rotation.sessions, now)
                by_user = identified_actor(actor, user)
                region = self._regions.region_of(actor.address)
                return after, (self._change_events.user_active(user, after, "refresh", "", by_user, region, now),)

            try:
                await self._unit_of_work.change_with_events(presented.account_id, renew)
            except UserNotFound:
                raise SessionEnded from None
            if reused:
                raise SessionEnded
            return self._issuer.tokens_for(
                presented.account_id, presented.session_id, presented.replacement, self._clock.now()
            )

    async def logout(self, user_id: str, session_id: str, actor: Actor) -> None:
        """End one session. Idempotent."""

        def end(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            after = user.without_session(session_id)
            return after, () if after == user else (self._change_events.audit_row(user, after, actor, now),)

        await self._unit_of_work.change_with_events(user_id, end)
