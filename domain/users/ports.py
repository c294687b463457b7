"""Ports of the mini-program users: what the area needs from storage, WeChat, staff and networks."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from domain.sessions.tokens import AccessClaims
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.region import Region
from domain.users.administration.listing import UserQuery
from domain.users.identity import WeChatIdentity
from domain.users.login.record import LoginRecord
from domain.users.model import User


class IdentityProvider(Protocol):
    @property
    def app_id(self) -> str:
        """The AppID that a raw openid (development only) belongs to."""

    async def exchange_code(self, code: str) -> WeChatIdentity:
        """Whom `wx.login`'s code stands for. A code counts once.

        Raises WxCodeInvalid, WxUserRefused, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        """The verified mainland number (11 digits) behind `getPhoneNumber`'s code, if it was issued to `open_id`.

        Raises PhoneCodeInvalid, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """


class LoginJournal(Protocol):
    """Successful log-ins reach it as the event `UserActive`; nobody writes them a second time."""

    async def record_refusal(self, attempt: LoginRecord) -> None:
        """Durable when it returns. Raises Unavailable."""

    async def page_of(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        """Newest first."""


class UserRepository(Protocol):
    """Accounts that are gone are found by id, and merged ones by their openids; look at `is_gone`."""

    async def find(self, entity_id: str) -> User | None: ...

    async def find_by_identity(self, app_id: str, open_id: str) -> User | None: ...

    async def find_by_unionid(self, union_id: str) -> User | None: ...

    async def find_by_phone(self, phone: str) -> User | None: ...

    async def find_by_username(self, username: str) -> User | None:
        """Upper and lower case are one name."""

    async def save(self, entity: User, events: Sequence[DomainEvent]) -> User:
        """Raises Conflict, IdentityTaken, PhoneBound, UsernameTaken, Unavailable."""


class UserList(Protocol):
    async def page(self, query: UserQuery, paging: PageRequest) -> Page[User]:
        """Raises PageTooDeep, SearchTooBroad."""

    async def matching(self, query: UserQuery, limit: int) -> int:
        """How many accounts match; no more than `limit` are counted. Raises SearchTooBroad."""

    def each(self, query: UserQuery, limit: int) -> AsyncIterator[User]:
        """The matching accounts in order, read as they are asked for."""


class UserCredentials(Protocol):
    async def hash_of(self, user_id: str) -> str | None: ...

    async def store(self, user_id: str, password_hash: str) -> None: ...

    async def forget(self, user_id: str) -> None: ...


class StaffDirectory(Protocol):
    async def is_active_staff_phone(self, phone: str) -> bool:
        """Whether somebody with this phone works here now: active, not suspended, not departed."""

    async def is_administrator_phone(self, phone: str) -> bool:
        """Whether one of them is marked as administrator (`isAdmin`)."""


class RegionFinder(Protocol):
    def region_of(self, address: str) -> Region | None:
        """Where an IP address is registered; None for private, foreign, malformed or unknown ones. Offline."""


class UserAccess(Protocol):
    async def require_session(self, claims: AccessClaims) -> None:
        """Raises SessionEnded or UserBlocked when the bearer of a verified token may not use the account any more."""
