"""Sessions of mini-program users: opened by a log-in, renewed, ended, and checked on each request."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.sessions.model import Session, SessionEnded, alive, digest, rotated
from domain.sessions.tokens import AccessClaims, AccessTokens, SessionTokens, read_refresh_token, refresh_token
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator
from domain.users.change_events import Facts, by_user
from domain.users.errors import UserNotFound
from domain.users.login.failures import Refusals
from domain.users.model import User
from domain.users.ports import RegionFinder, UserRepository
from domain.users.unit_of_work import Accounts

REFRESH_LIFETIME = timedelta(days=30)


class SessionIssuer:
    def __init__(self, tokens: AccessTokens, ids: IdGenerator, lifetime: timedelta = REFRESH_LIFETIME) -> None:
        self._tokens = tokens
        self._ids = ids
        self.lifetime = lifetime

    def new_session(self, actor: Actor, now: datetime) -> tuple[Session, str]:
        """A session and the refresh secret that only its bearer gets to know."""
        secret = self._ids.secret()
        session = Session(
            id=self._ids.next_id(),
            refresh_hash=digest(secret),
            started_at=now,
            used_at=now,
            expires_at=now + self.lifetime,
            address=actor.address,
            user_agent=actor.user_agent,
        )
        return session, secret

    def successor(self, secret: str) -> str:
        return self._tokens.successor(secret)

    def tokens_for(self, user_id: str, session_id: str, secret: str, now: datetime) -> SessionTokens:
        access, seconds = self._tokens.issue("mp", user_id, session_id, now)
        return SessionTokens(
            access_token=access, refresh_token=refresh_token(user_id, session_id, secret), expires_in=seconds
        )


class UserSessions:
    """Implements `UserAccess`."""

    def __init__(
        self,
        users: UserRepository,
        accounts: Accounts,
        issuer: SessionIssuer,
        facts: Facts,
        refusals: Refusals,
        regions: RegionFinder,
        clock: Clock,
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._issuer = issuer
        self._facts = facts
        self._refusals = refusals
        self._regions = regions
        self._clock = clock

    async def require_session(self, claims: AccessClaims) -> None:
        """Raises SessionEnded, UserBlocked."""
        user = await self._users.find(claims.subject)
        if user is None or user.is_gone:
            raise SessionEnded
        user.require_usable()
        if not alive(user.sessions, claims.session_id, self._clock.now()):
            raise SessionEnded

    async def refresh(self, token: str, actor: Actor) -> SessionTokens:
        """Exchange a refresh token. A second use of one ends its session. Raises SessionEnded, UserBlocked."""
        async with self._refusals.noted("refresh", actor) as attempt:
            user_id, session_id, shown = read_refresh_token(token)
            secret = self._issuer.successor(shown)
            reused = False

            def renew(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
                nonlocal reused
                attempt.user_id = user.id
                user.require_usable()
                rotation = rotated(user.sessions, session_id, shown, secret, now, self._issuer.lifetime)
                reused = rotation.reused
                if reused:
                    return user.without_session(session_id), ()
                if rotation.sessions == user.sessions:
                    return user, ()  # a lost answer is given again
                place = self._regions.region_of(actor.address)
                after = user.refreshed(rotation.sessions, now)
                event = self._facts.active(user, after, "refresh", "", by_user(actor, user), place, now)
                return after, (event,)

            try:
                await self._accounts.save_with(user_id, renew)
            except UserNotFound:
                raise SessionEnded from None
            if reused:
                raise SessionEnded
            return self._issuer.tokens_for(user_id, session_id, secret, self._clock.now())

    async def logout(self, user_id: str, session_id: str, actor: Actor) -> None:
        """End one session. Ending one that has ended changes nothing."""

        def end(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            after = user.without_session(session_id)
            return after, () if after == user else (self._facts.audit(user, after, actor, now),)

        await self._accounts.save_with(user_id, end)
