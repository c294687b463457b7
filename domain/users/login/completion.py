"""Completes every login: session, counters and event are stored in one write."""

from collections.abc import Sequence

from domain.sessions.tokens import SessionTokens
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.users.change_events import UserChangeEvents, identified_actor
from domain.users.login.sessions import SessionIssuer
from domain.users.login_record import LoginMethod
from domain.users.model import User
from domain.users.ports import RegionFinder, StaffDirectory, UserRepository


class LoggedIn(Model):
    user: User
    is_new: bool
    is_staff: bool
    tokens: SessionTokens


class LoginCompletion:
    def __init__(
        self,
        users: UserRepository,
        issuer: SessionIssuer,
        change_events: UserChangeEvents,
        regions: RegionFinder,
        staff: StaffDirectory,
        clock: Clock,
    ) -> None:
        self._users = users
        self._issuer = issuer
        self._change_events = change_events
        self._regions = regions
        self._staff = staff
        self._clock = clock

    async def complete(
        self,
        before: User | None,
        user: User,
        method: LoginMethod,
        app_id: str,
        actor: Actor,
        audit_rows: Sequence[DomainEvent] = (),
    ) -> LoggedIn:
        """Open a session for `user` and save it, together with the events of the login and `audit_rows`.

        `before` is the account as stored; None: this login creates it. Raises UserBlocked, and what saving raises.
        """
        user.require_usable()
        now = self._clock.now()
        address_region = self._regions.region_of(actor.address)
        session, secret = self._issuer.new_session(actor, now)
        after = user.with_region(address_region).logged_in(session, now, actor.address)
        by_user = identified_actor(actor, user)
        events: list[DomainEvent] = [
            self._change_events.user_active(before, after, method, app_id, by_user, address_region, now)
        ]
        if before is None or user is not before or after.region != before.region:
            changed = self._change_events.user_changed(before, after, now)
            if changed:
                after = after.model_copy(update={"edited_version": after.next_version})
            counted = self._change_events.counted_events(before, after, now) if before else ()
            verified = self._change_events.phone_verified(before, after, now)
            events += [*counted, *changed, *verified, *audit_rows]
        is_staff = await is_staff_member(self._staff, after)
        saved = await self._users.save(after, events)
        tokens = self._issuer.tokens_for(saved.id, session.id, secret, now)
        return LoggedIn(user=saved, is_new=before is None, is_staff=is_staff, tokens=tokens)


async def is_staff_member(staff: StaffDirectory, user: User) -> bool:
    """True when the user's phone is verified and belongs to an active staff member."""
    return user.phone_verified_at is not None and await staff.is_active_staff_phone(user.phone)
