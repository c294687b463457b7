"""The login log of staff (登录日志): every login, and every refused one, with a mark for a new place or device."""

from contextlib import suppress
from typing import ClassVar, Literal, Protocol

from domain.shared.actor import Actor
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ip_addresses import rate_limit_key
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.staff.model import Staff

LoginResult = Literal["success", "failed"]


class StaffLoginRecorded(DomainEvent):
    """A row of the log. A success is saved with the session that it opens."""

    type: ClassVar[str] = "staff.login_recorded"

    staff_id: str = ""
    """Empty when there is no account of the typed name."""
    username: str
    """The typed name is masked when there is no such account: people type passwords into the wrong field."""
    name: str = ""
    method: Literal["password", "wechat"] = "password"
    result: LoginResult
    reason: str = ""
    """The error's code; empty on success."""
    address: str = ""
    user_agent: str = ""
    new_device: bool = False
    new_place: bool = False


class LoginLogQuery(Model):
    staff_id: str = ""
    result: LoginResult | None = None
    only_new: bool = False
    """Only logins from a new place or device."""


class LoginLogStore(Protocol):
    async def add(self, row: StaffLoginRecorded) -> None:
        """Idempotent by the row's id. Raises Unavailable."""

    async def page(self, query: LoginLogQuery, paging: PageRequest) -> Page[StaffLoginRecorded]:
        """Newest first. Raises PageTooDeep, Unavailable."""


class StaffLoginLog:
    def __init__(self, store: LoginLogStore, publisher: EventPublisher, clock: Clock, ids: IdGenerator) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._ids = ids

    def accepted(self, staff: Staff, actor: Actor, *, known_device: bool, wechat: bool = False) -> StaffLoginRecorded:
        """The row of a login, to be saved with its session. `staff`: before the login."""
        return StaffLoginRecorded(
            id=self._ids.next_id(),
            at=self._clock.now(),
            staff_id=staff.id,
            username=staff.username,
            name=staff.name,
            method="wechat" if wechat else "password",
            result="success",
            address=actor.address,
            user_agent=actor.user_agent,
            new_device=not known_device and staff.last_login_at is not None,
            new_place=_is_new_place(staff, actor.address),
        )

    async def refused(
        self, username: str, staff: Staff | None, reason: str, actor: Actor, *, wechat: bool = False
    ) -> None:
        """Never fails: a log that is down must not tell known accounts from unknown ones."""
        row = StaffLoginRecorded(
            id=self._ids.next_id(),
            at=self._clock.now(),
            staff_id=staff.id if staff else "",
            username=staff.username if staff else f"{username[:1]}***",
            name=staff.name if staff else "",
            method="wechat" if wechat else "password",
            result="failed",
            reason=reason,
            address=actor.address,
            user_agent=actor.user_agent,
            new_place=staff is not None and _is_new_place(staff, actor.address),
        )
        with suppress(Unavailable):
            await self._store.add(row)
            await self._publisher.publish([row])

    async def page(self, query: LoginLogQuery, paging: PageRequest) -> Page[StaffLoginRecorded]:
        return await self._store.page(query, paging)


def _is_new_place(staff: Staff, address: str) -> bool:
    """True if none of the recent logins and open sessions came from the network of `address`."""
    known = {rate_limit_key(each.ip) for each in staff.recent_logins if each.ip}
    known |= {rate_limit_key(each.address) for each in staff.sessions if each.address}
    return bool(known) and rate_limit_key(address) not in known
