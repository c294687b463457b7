"""Ports of the users area."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from domain.sessions.tokens import AccessClaims
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.password_check import PasswordHashes
from domain.shared.places.region import Region
from domain.users.identity import WeChatIdentity
from domain.users.login_record import LoginRecord
from domain.users.model import User
from domain.users.user_query import UserQuery


class IdentityProvider(Protocol):
    """WeChat, as the verifier of identities and phone numbers."""

    @property
    def app_id(self) -> str:
        """The AppID that a bare openid (development only) belongs to."""

    async def exchange_code(self, code: str) -> WeChatIdentity:
        """The identity behind a code of `wx.login`. A code is valid once.

        Raises WxCodeInvalid, WxUserRefused, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        """The verified mainland number (11 digits) behind a code of `getPhoneNumber`, if it was issued to `open_id`.

        Raises PhoneCodeInvalid, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """


class LoginJournal(Protocol):
    """The login log (登录记录). Successful logins reach it only as the event `UserActive`."""

    async def record_failure(self, record: LoginRecord) -> None:
        """Durable when it returns. Raises Unavailable."""

    async def page_of(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        """Newest first."""


class UserRepository(Protocol):
    """Deleted accounts are found by id, merged ones also by their openids: check `is_gone`."""

    async def find(self, entity_id: str) -> User | None: ...

    async def find_by_identity(self, app_id: str, open_id: str) -> User | None: ...

    async def find_by_unionid(self, union_id: str) -> User | None: ...

    async def find_by_phone(self, phone: str) -> User | None: ...

    async def find_by_username(self, username: str) -> User | None:
        """Case does not matter."""

    async def save(self, entity: User, events: Sequence[DomainEvent]) -> User:
        """Store the account, with the next version, and its events together.

        Raises Conflict when the stored version is another one, IdentityTaken, PhoneBound, UsernameTaken, Unavailable.
        """


class UserList(Protocol):
    """The staff's list of accounts; deleted and merged ones are not in it."""

    async def page(self, query: UserQuery, paging: PageRequest) -> Page[User]:
        """Raises PageTooDeep, SearchTooBroad."""

    async def count(self, query: UserQuery, limit: int) -> int:
        """The number of matching accounts, counted up to `limit`. Raises SearchTooBroad."""

    def stream(self, query: UserQuery, limit: int) -> AsyncIterator[User]:
        """The matching accounts in order, loaded while they are consumed."""


class UserCredentials(PasswordHashes, Protocol):
    async def store(self, user_id: str, password_hash: str) -> None: ...

    async def forget(self, user_id: str) -> None: ...


class StaffDirectory(Protocol):
    """Active staff members: not suspended, disabled or departed."""

    async def is_active_staff_phone(self, phone: str) -> bool: ...

    async def is_administrator_phone(self, phone: str) -> bool:
        """True when an active staff member with this phone is marked as administrator (`isAdmin`)."""


class RegionFinder(Protocol):
    def region_of(self, address: str) -> Region | None:
        """The region an IP address is registered in; None for private, foreign, malformed or unknown addresses.

        Works offline.
        """


class UserAccess(Protocol):
    async def require_session(self, claims: AccessClaims) -> None:
        """Raises SessionEnded or UserBlocked when the bearer of a verified token may no longer use the account."""
