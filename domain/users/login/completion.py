"""The last step of every log-in: a session, the counters and the event, stored in one write."""

from collections.abc import Sequence

from domain.sessions.tokens import SessionTokens
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.users.change_events import Facts, by_user
from domain.users.login.record import LoginMethod
from domain.users.login.sessions import SessionIssuer
from domain.users.model import User
from domain.users.ports import RegionFinder, StaffDirectory, UserRepository


class LoggedIn(Model):
    user: User
    is_new: bool
    is_staff: bool
    tokens: SessionTokens


class Entry:
    def __init__(
        self,
        users: UserRepository,
        issuer: SessionIssuer,
        facts: Facts,
        regions: RegionFinder,
        staff: StaffDirectory,
        clock: Clock,
    ) -> None:
        self._users = users
        self._issuer = issuer
        self._facts = facts
        self._regions = regions
        self._staff = staff
        self._clock = clock

    async def admit(
        self,
        before: User | None,
        user: User,
        method: LoginMethod,
        app_id: str,
        actor: Actor,
        rows: Sequence[DomainEvent] = (),
    ) -> LoggedIn:
        """Log `user` in. `before` is the stored account (None: it is made by this log-in), `rows` go along.

        Raises UserBlocked, and what saving raises.
        """
        user.require_usable()
        now = self._clock.now()
        place = self._regions.region_of(actor.address)
        session, secret = self._issuer.new_session(actor, now)
        after = user.with_region(place).logged_in(session, now, actor.address)
        events: list[DomainEvent] = [
            self._facts.active(before, after, method, app_id, by_user(actor, user), place, now)
        ]
        if before is None or user is not before or after.region != before.region:
            changed = self._facts.changed(before, after, now)
            if changed:
                after = after.model_copy(update={"edited_version": after.next_version})
            events += [*(self._facts.figures(before, after, now) if before else ()), *changed, *rows]
        is_staff = await is_staff_member(self._staff, after)
        saved = await self._users.save(after, events)
        tokens = self._issuer.tokens_for(saved.id, session.id, secret, now)
        return LoggedIn(user=saved, is_new=before is None, is_staff=is_staff, tokens=tokens)


async def is_staff_member(staff: StaffDirectory, user: User) -> bool:
    """Only a verified phone counts, and only a member of staff who works here now."""
    return user.phone_verified_at is not None and await staff.is_active_staff_phone(user.phone)
