"""Builds the events that follow from a change to an account."""

from datetime import datetime
from typing import Any

from domain.audit.model import AuditRecorded, audit_of
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.places.region import Region
from domain.shared.ports import IdGenerator
from domain.users.events import (
    ChangeKind,
    UserActive,
    UserBlocked,
    UserChanged,
    UserDeleted,
    UserPhoneChanged,
    UserPhoneVerified,
    UserRegionChanged,
)
from domain.users.login_record import LoginMethod
from domain.users.model import User

AUDIT_TARGET = "miniprogram-user"


class UserChangeEvents:
    """`before` is the account as stored, `after` as it will be saved."""

    def __init__(self, ids: IdGenerator) -> None:
        self._ids = ids

    def user_active(
        self,
        before: User | None,
        after: User,
        method: LoginMethod,
        app_id: str,
        actor: Actor,
        address_region: Region | None,
        now: datetime,
    ) -> UserActive:
        """The event of a login or refresh. `before` is None for the login that creates the account."""
        return UserActive(
            **self._state(after, now),
            method=method,
            is_new=before is None,
            previous_active_at=before.last_active_at if before else None,
            previous_login_count=before.login_count if before else 0,
            app_id=app_id,
            address=actor.address,
            user_agent=actor.user_agent,
            login_region=address_region or Region(),
        )

    def counted_events(self, before: User, after: User, now: datetime) -> list[DomainEvent]:
        """The events that statistics count. A deleted or merged account is counted out once, whatever else changed."""
        if after.is_gone:
            return [] if before.is_gone else [self._deleted(before, now)]
        events: list[DomainEvent] = []
        if before.has_phone != after.has_phone:
            events.append(UserPhoneChanged(**self._state(after, now)))
        if before.region != after.region:
            events.append(UserRegionChanged(**self._state(after, now), previous_region=before.region))
        return events

    def _deleted(self, before: User, now: datetime) -> UserDeleted:
        return UserDeleted(**self._state(before, now), last_active_at=before.last_active_at)

    def user_changed(self, before: User | None, after: User, now: datetime) -> list[DomainEvent]:
        """The event that open lists follow; empty when a login changed only counters."""
        change = _kind_of_change(before, after)
        if change is None:
            return []
        event_id = self._ids.next_id()
        return [UserChanged(id=event_id, at=now, user_id=after.id, change=change, version=after.next_version)]

    def phone_verified(self, before: User | None, after: User, now: datetime) -> list[DomainEvent]:
        same = before is not None and (before.phone, before.phone_verified_at) == (after.phone, after.phone_verified_at)
        if same or after.phone_verified_at is None:
            return []
        return [UserPhoneVerified(id=self._ids.next_id(), at=now, user_id=after.id)]

    def blocked(self, before: User, after: User, actor: Actor, now: datetime, reason: str) -> list[DomainEvent]:
        """The event that notifies overseers; empty for another change."""
        if _kind_of_change(before, after) != "blocked":
            return []
        event_id = self._ids.next_id()
        return [
            UserBlocked(id=event_id, at=now, user_id=after.id, nickname=after.nickname, by=actor.ref(), reason=reason)
        ]

    def audit_row(
        self, before: User | None, after: User, actor: Actor, now: datetime, reason: str = ""
    ) -> AuditRecorded:
        former = before.snapshot() if before else {}
        target = (AUDIT_TARGET, after.id)
        return audit_of(self._ids.next_id(), now, actor, target, former, after.snapshot(), reason)

    def audit_note(
        self, user_id: str, details: dict[str, Any], actor: Actor, now: datetime, reason: str = ""
    ) -> AuditRecorded:
        """An audit row about an action that changed nothing in the account, such as a reveal."""
        return audit_of(self._ids.next_id(), now, actor, (AUDIT_TARGET, user_id), {}, details, reason)

    def _state(self, user: User, now: datetime) -> dict[str, Any]:
        return {
            "id": self._ids.next_id(),
            "at": now,
            "user_id": user.id,
            "registered_at": user.created_at,
            "login_count": user.login_count,
            "has_phone": user.has_phone,
            "region": user.region,
        }


def _kind_of_change(before: User | None, after: User) -> ChangeKind | None:
    if before is None:
        return "registered"
    if after.is_gone:
        return "deleted"
    if before.status != after.status:
        return "blocked" if after.status == "blocked" else "unblocked"
    same = before.region == after.region and before.snapshot() == after.snapshot()
    return None if same else "updated"


def identified_actor(actor: Actor, user: User) -> Actor:
    """The actor of a public route, with the id of the account that was found or created."""
    return actor.model_copy(update={"kind": "user", "id": user.id}) if actor.kind == "user" else actor


def with_action(actor: Actor, action: str) -> Actor:
    """The same actor under another audit action than the route's own."""
    return actor.model_copy(update={"action": action})
