"""Generates the history of user accounts by the methods and events of the domain."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from domain.sessions.model import Session
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.places.region import Region
from domain.users.change_events import UserChangeEvents, identified_actor
from domain.users.errors import UserBlocked, WrongPassword
from domain.users.identity import WeChatIdentity
from domain.users.login.sessions import REFRESH_LIFETIME
from domain.users.login_record import LoginMethod, LoginRecord
from domain.users.model import User
from domain.users.ports import RegionFinder
from integrations.local.demo.historic import HistoricIds
from integrations.local.demo.people import Person
from integrations.local.demo.visit_schedule import VisitSchedule

BLOCKED_ONE_IN = 90
MISTYPED_ONE_IN = 3
"""Of the accounts with a password."""
BLOCK_REASONS = ("恶意下单，多次爽约", "发布虚假招聘信息", "骚扰阿姨，经核实", "盗用他人手机号注册")
_BLOCKING_ACTOR = Actor(kind="system", id="system", name="system", action="miniprogram-user.set-status")


@dataclass
class UserHistory:
    """An account in its present state, and the events that led to it, oldest first."""

    user: User
    events: list[DomainEvent] = field(default_factory=list)
    failed_logins: list[LoginRecord] = field(default_factory=list)


class UserHistoryGenerator:
    """Generates histories that end at `now`. Deterministic for one state of `rng`."""

    def __init__(self, app_id: str, regions: RegionFinder, rng: Random, now: datetime) -> None:
        self._app_id = app_id
        self._regions = regions
        self._rng = rng
        self._now = now
        self._ids = HistoricIds(rng, now)
        self._change_events = UserChangeEvents(self._ids)

    def generate(self, person: Person, identity: WeChatIdentity, visits: VisitSchedule) -> UserHistory:
        registered_at = self._set_time(visits.registered_at)
        user = User.registered(self._ids.next_id(), identity, registered_at).with_profile(person.profile())
        if person.username:
            user = user.with_username(person.username)
        if person.shares_phone and self._rng.random() < 0.85:
            user = user.with_phone(person.phone, True, registered_at)
        events: list[DomainEvent] = []
        history = UserHistory(self._logged_in(None, user, "openid", person, registered_at, events), events)
        for at in visits.later:
            self._visit(history, person, self._set_time(at), refresh=at in visits.refreshes)
        self._add_incidents(history, person)
        return history

    def _set_time(self, at: datetime) -> datetime:
        self._ids.at = at
        return at

    def _visit(self, history: UserHistory, person: Person, now: datetime, *, refresh: bool) -> None:
        before = history.user
        if refresh:
            session = before.sessions[-1].model_copy(update={"used_at": now, "expires_at": now + REFRESH_LIFETIME})
            after = before.refreshed((*before.sessions[:-1], session), now)
            history.user = self._stored(after)
            history.events.append(self._active(before, after, "refresh", person.ip_address, person, now))
            return
        user = before
        if person.shares_phone and not before.phone and self._rng.random() < 0.5:
            user = before.with_phone(person.phone, True, now)
        by_password = bool(person.username) and self._rng.random() < 0.4
        history.user = self._logged_in(
            before, user, "password" if by_password else "openid", person, now, history.events
        )

    def _logged_in(
        self,
        before: User | None,
        user: User,
        method: LoginMethod,
        person: Person,
        now: datetime,
        events: list[DomainEvent],
    ) -> User:
        address = person.current_ip(self._rng)
        session = Session(
            id=self._ids.next_id(),
            refresh_hash=self._ids.secret(),  # the digest of no known secret
            started_at=now,
            used_at=now,
            expires_at=now + REFRESH_LIFETIME,
            address=address,
            user_agent=person.user_agent,
        )
        after = user.with_region(self._regions.region_of(address)).logged_in(session, now, address)
        events.append(self._active(before, after, method, address, person, now))
        if before is not None:
            events += self._change_events.counted_events(before, after, now)
        edited = before is None or before.snapshot() != after.snapshot()
        return self._stored(after, edited=edited)

    def _active(
        self, before: User | None, after: User, method: LoginMethod, address: str, person: Person, now: datetime
    ) -> DomainEvent:
        actor = identified_actor(Actor(kind="user", id="", address=address, user_agent=person.user_agent), after)
        app_id = self._app_id if method == "openid" else ""
        return self._change_events.user_active(
            before, after, method, app_id, actor, self._regions.region_of(address), now
        )

    def _stored(self, user: User, *, edited: bool = False) -> User:
        """The account with the versions that a save would have given it."""
        version = user.next_version
        return user.model_copy(
            update={"version": version, "edited_version": version if edited else user.edited_version}
        )

    # --- failed log-ins and blocks

    def _add_incidents(self, history: UserHistory, person: Person) -> None:
        last = history.user.last_login_at or history.user.created_at
        inactive_for = self._now - last
        if person.username and history.user.login_count > 1 and self._rng.random() < 1 / MISTYPED_ONE_IN:
            at = self._set_time(last - timedelta(seconds=self._rng.randint(20, 90)))
            history.failed_logins.append(self._failed_login(history.user, person, "password", WrongPassword.code, at))
        if inactive_for > timedelta(days=2) and self._rng.random() < 1 / BLOCKED_ONE_IN:
            self._block(history, person, self._set_time(last + inactive_for * self._rng.uniform(0.1, 0.5)))

    def _block(self, history: UserHistory, person: Person, now: datetime) -> None:
        now = now.replace(microsecond=0)
        before = history.user
        after = before.with_status("blocked", self._rng.choice(BLOCK_REASONS))
        history.events.append(self._change_events.audit_row(before, after, _BLOCKING_ACTOR, now, after.status_reason))
        history.user = self._stored(after, edited=True)
        for _ in range(self._rng.randint(0, 2)):
            at = self._set_time(now + (self._now - now) * self._rng.uniform(0.1, 0.9))
            history.failed_logins.append(
                self._failed_login(after, person, "openid", UserBlocked.code, at.replace(microsecond=0))
            )

    def _failed_login(self, user: User, person: Person, method: LoginMethod, reason: str, at: datetime) -> LoginRecord:
        return LoginRecord(
            id=self._ids.next_id(),
            at=at,
            user_id=user.id,
            method=method,
            result="failed",
            reason=reason,
            app_id=self._app_id if method == "openid" else "",
            address=person.ip_address,
            user_agent=person.user_agent,
            region=self._regions.region_of(person.ip_address) or Region(),
        )


def events_in_order(histories: Sequence[UserHistory]) -> list[DomainEvent]:
    return sorted((event for history in histories for event in history.events), key=lambda event: event.at)
