"""Ninety days in the life of invented people, told by the domain's own methods and events."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from domain.sessions.model import Session
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import IdGenerator
from domain.shared.region import Region
from domain.users.change_events import UserChangeEvents, identified_actor
from domain.users.errors import UserBlocked, WrongPassword
from domain.users.identity import WeChatIdentity
from domain.users.login.record import LoginMethod, LoginRecord
from domain.users.login.sessions import REFRESH_LIFETIME
from domain.users.model import User
from domain.users.ports import RegionFinder
from integrations.local.demo.calendar import Visits
from integrations.local.demo.people import Person

BLOCKED_ONE_IN = 90
MISTYPED_ONE_IN = 3
"""Of those who have a password at all."""
REASONS = ("恶意下单，多次爽约", "发布虚假招聘信息", "骚扰家政员，经核实", "盗用他人手机号注册")
_BLOCKER = Actor(kind="system", id="system", name="system", action="miniprogram-user.set-status")


@dataclass
class Life:
    """One account as it is now, and everything that made it so, oldest first."""

    user: User
    events: list[DomainEvent] = field(default_factory=list)
    refusals: list[LoginRecord] = field(default_factory=list)


class HistoricIds(IdGenerator):
    """Ids that were given out at `at`, for their order is the order of time."""

    def __init__(self, dice: Random, at: datetime) -> None:
        self._dice = dice
        self.at = at

    def next_id(self) -> str:
        return f"{int(self.at.timestamp()):08x}{self._dice.getrandbits(64):016x}"

    def secret(self) -> str:
        return f"{self._dice.getrandbits(256):064x}"


class Historian:
    """What has happened until `now`. The same dice tell the same history."""

    def __init__(self, app_id: str, regions: RegionFinder, dice: Random, now: datetime) -> None:
        self._app_id = app_id
        self._regions = regions
        self._dice = dice
        self._now = now
        self._ids = HistoricIds(dice, now)
        self._facts = UserChangeEvents(self._ids)

    def life_of(self, person: Person, identity: WeChatIdentity, visits: Visits) -> Life:
        joined = self._clock_at(visits.joined)
        user = User.registered(self._ids.next_id(), identity, joined).with_profile(person.profile())
        if person.username:
            user = user.with_username(person.username)
        if person.shares_phone and self._dice.random() < 0.85:
            user = user.with_phone(person.phone, True, joined)
        events: list[DomainEvent] = []
        life = Life(self._logged_in(None, user, "openid", person, joined, events), events)
        for at in visits.later:
            self._visit(life, person, self._clock_at(at), renews=at in visits.renewals)
        self._troubles(life, person)
        return life

    def _clock_at(self, at: datetime) -> datetime:
        self._ids.at = at
        return at

    def _visit(self, life: Life, person: Person, now: datetime, *, renews: bool) -> None:
        before = life.user
        if renews:
            session = before.sessions[-1].model_copy(update={"used_at": now, "expires_at": now + REFRESH_LIFETIME})
            after = before.refreshed((*before.sessions[:-1], session), now)
            life.user = self._stored(after)
            life.events.append(self._active(before, after, "refresh", person.address, person, now))
            return
        user = before
        if person.shares_phone and not before.phone and self._dice.random() < 0.5:
            user = before.with_phone(person.phone, True, now)
        by_password = bool(person.username) and self._dice.random() < 0.4
        life.user = self._logged_in(before, user, "password" if by_password else "openid", person, now, life.events)

    def _logged_in(
        self,
        before: User | None,
        user: User,
        method: LoginMethod,
        person: Person,
        now: datetime,
        events: list[DomainEvent],
    ) -> User:
        address = person.address_now(self._dice)
        session = Session(
            id=self._ids.next_id(),
            refresh_hash=self._ids.secret(),  # the digest of a secret that nobody has
            started_at=now,
            used_at=now,
            expires_at=now + REFRESH_LIFETIME,
            address=address,
            user_agent=person.agent,
        )
        after = user.with_region(self._regions.region_of(address)).logged_in(session, now, address)
        events.append(self._active(before, after, method, address, person, now))
        if before is not None:
            events += self._facts.counted_events(before, after, now)
        edited = before is None or before.snapshot() != after.snapshot()
        return self._stored(after, edited=edited)

    def _active(
        self, before: User | None, after: User, method: LoginMethod, address: str, person: Person, now: datetime
    ) -> DomainEvent:
        actor = identified_actor(Actor(kind="user", id="", address=address, user_agent=person.agent), after)
        app_id = self._app_id if method == "openid" else ""
        return self._facts.user_active(before, after, method, app_id, actor, self._regions.region_of(address), now)

    def _stored(self, user: User, *, edited: bool = False) -> User:
        """As the save of this moment would have left it."""
        version = user.next_version
        return user.model_copy(
            update={"version": version, "edited_version": version if edited else user.edited_version}
        )

    # --- what goes wrong

    def _troubles(self, life: Life, person: Person) -> None:
        last = life.user.last_login_at or life.user.created_at
        quiet = self._now - last
        if person.username and life.user.login_count > 1 and self._dice.random() < 1 / MISTYPED_ONE_IN:
            at = self._clock_at(last - timedelta(seconds=self._dice.randint(20, 90)))
            life.refusals.append(self._refused(life.user, person, "password", WrongPassword.code, at))
        if quiet > timedelta(days=2) and self._dice.random() < 1 / BLOCKED_ONE_IN:
            self._block(life, person, self._clock_at(last + quiet * self._dice.uniform(0.1, 0.5)))

    def _block(self, life: Life, person: Person, now: datetime) -> None:
        now = now.replace(microsecond=0)
        before = life.user
        after = before.with_status("blocked", self._dice.choice(REASONS))
        life.events.append(self._facts.audit_row(before, after, _BLOCKER, now, after.status_reason))
        life.user = self._stored(after, edited=True)
        for _ in range(self._dice.randint(0, 2)):
            at = self._clock_at(now + (self._now - now) * self._dice.uniform(0.1, 0.9))
            life.refusals.append(self._refused(after, person, "openid", UserBlocked.code, at.replace(microsecond=0)))

    def _refused(self, user: User, person: Person, method: LoginMethod, reason: str, at: datetime) -> LoginRecord:
        return LoginRecord(
            id=self._ids.next_id(),
            at=at,
            user_id=user.id,
            method=method,
            result="failed",
            reason=reason,
            app_id=self._app_id if method == "openid" else "",
            address=person.address,
            user_agent=person.agent,
            region=self._regions.region_of(person.address) or Region(),
        )


def in_order(lives: Sequence[Life]) -> list[DomainEvent]:
    return sorted((event for life in lives for event in life.events), key=lambda event: event.at)
