"""In-memory stores of the users area.

`tests/integrations/mongo/users/test_store_promises.py` holds them to the promises of the MongoDB stores.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Conflict, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from domain.shared.places.region import UNKNOWN
from domain.shared.ports import DurableFollower
from domain.users.administration.search import search_terms
from domain.users.errors import IdentityTaken, PhoneBound
from domain.users.events import UserActive
from domain.users.identity import identity_key
from domain.users.login.refusal_groups import RefusalGroups
from domain.users.login_record import LoginRecord
from domain.users.model import User
from domain.users.ports import LoginJournal, UserCredentials, UserList, UserRepository
from domain.users.user_query import TimeRange, UserFilter, UserQuery, UserSort

Event = TypeVar("Event", bound=DomainEvent)

_NEVER = datetime.min.replace(tzinfo=UTC)


class MemoryUsers(UserRepository):
    """Yields to other tasks before each operation, so that concurrent use cases interleave."""

    def __init__(self) -> None:
        self.stored: dict[str, User] = {}
        self.events: list[DomainEvent] = []
        """The events of all saves, in order."""
        self.saves_until_failure: int | None = None
        """After this many more saves, one save raises Unavailable."""

    async def find(self, entity_id: str) -> User | None:
        await asyncio.sleep(0)
        return self.stored.get(entity_id)

    async def find_by_identity(self, app_id: str, open_id: str) -> User | None:
        return await self._owner_of("identity", identity_key(app_id, open_id))

    async def find_by_unionid(self, union_id: str) -> User | None:
        return await self._owner_of("unionid", union_id)

    async def find_by_phone(self, phone: str) -> User | None:
        return await self._owner_of("phone", phone)

    async def find_by_username(self, username: str) -> User | None:
        return await self._owner_of("username", username.lower())

    async def save(self, entity: User, events: Sequence[DomainEvent]) -> User:
        await asyncio.sleep(0)
        self._fail_if_due()
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        for kind, value in _unique_values(entity):
            owner = self._owner(kind, value)
            if owner is not None and owner.id != entity.id:
                raise _DUPLICATE_ERRORS[kind]
        saved = entity.model_copy(update={"version": entity.next_version})
        self.stored[saved.id] = saved
        self.events += events
        return saved

    def events_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def _owner_of(self, kind: str, value: str) -> User | None:
        await asyncio.sleep(0)
        return self._owner(kind, value) if value else None

    def _owner(self, kind: str, value: str) -> User | None:
        return next((user for user in self.stored.values() if (kind, value) in _unique_values(user)), None)

    def _fail_if_due(self) -> None:
        if self.saves_until_failure is None:
            return
        self.saves_until_failure -= 1
        if self.saves_until_failure < 0:
            self.saves_until_failure = None
            raise Unavailable


_DUPLICATE_ERRORS: dict[str, type[Conflict]] = {
    "identity": IdentityTaken,
    "unionid": IdentityTaken,
    "phone": PhoneBound,
    "username": UsernameTaken,
}


def _unique_values(user: User) -> list[tuple[str, str]]:
    """In the order in which a save reports them; callers must not rely on it, since MongoDB promises none."""
    values = [
        ("phone", user.phone),
        ("username", user.username_key),
        *(("identity", identity.key) for identity in user.identities),
        *(("unionid", identity.unionid) for identity in user.identities),
    ]
    return [(kind, value) for kind, value in values if value]


class MemoryUserList(UserList):
    def __init__(self, users: MemoryUsers) -> None:
        self._users = users

    async def page(self, query: UserQuery, paging: PageRequest) -> Page[User]:
        skip = paging.skip
        found = self._found(query)
        total = min(len(found), MAX_PAGED_ROWS)
        shown = found[skip : skip + paging.page_size]
        return Page.of(shown, total, paging)

    async def count(self, query: UserQuery, limit: int) -> int:
        return min(len(self._found(query)), limit)

    async def stream(self, query: UserQuery, limit: int) -> AsyncIterator[User]:
        for user in self._found(query)[:limit]:
            yield user

    def _found(self, query: UserQuery) -> list[User]:
        """The matching accounts in order; like a list of documents they carry no sessions."""
        found = [user for user in self._users.stored.values() if _matches(user, query)]
        found.sort(key=lambda user: (_sort_value(user, query.sort), user.id), reverse=query.sort.descending)
        return [user.model_copy(update={"sessions": ()}) for user in found]


def _matches(user: User, query: UserQuery) -> bool:
    return not user.is_gone and _passes(user, query.filter, query.now) and _is_found(user, query.search)


def _passes(user: User, wanted: UserFilter, now: datetime) -> bool:
    return all(
        (
            wanted.stored_status() in (None, user.status),
            wanted.has_phone in (None, user.has_phone),
            wanted.province in (None, user.region.province or UNKNOWN),
            user.needs_review or not wanted.needs_review,
            _in_range(user.created_at, wanted.created),
            _in_range(user.last_login_at, wanted.last_login_at(now)),
        )
    )


def _in_range(value: datetime | None, wanted: TimeRange) -> bool:
    if wanted.is_unbounded:
        return True
    if value is None:
        return False
    return (wanted.since is None or wanted.since <= value) and (wanted.until is None or value <= wanted.until)


def _is_found(user: User, search: str) -> bool:
    if not search:
        return True
    terms = search_terms(search)
    return any(
        (
            bool(terms.phone_prefix) and user.phone.startswith(terms.phone_prefix),
            bool(terms.phone_tail) and user.phone.endswith(terms.phone_tail),
            bool(terms.username_prefix) and user.username_key.startswith(terms.username_prefix),
            bool(terms.openid) and user.has_open_id(terms.openid),
            bool(terms.nickname) and terms.nickname in user.nickname.lower(),
        )
    )


def _sort_value(user: User, sort: UserSort) -> datetime | int:
    if sort.field == "loginCount":
        return user.login_count
    return user.created_at if sort.field == "createdAt" else user.last_login_at or _NEVER


class MemoryUserCredentials(UserCredentials):
    def __init__(self) -> None:
        self.stored: dict[str, str] = {}

    async def hash_of(self, user_id: str) -> str | None:
        return self.stored.get(user_id)

    async def replace(self, user_id: str, former: str, renewed: str) -> None:
        if self.stored.get(user_id) == former:
            self.stored[user_id] = renewed

    async def store(self, user_id: str, password_hash: str) -> None:
        self.stored[user_id] = password_hash

    async def forget(self, user_id: str) -> None:
        self.stored.pop(user_id, None)


class MemoryLoginJournal(LoginJournal, DurableFollower):
    def __init__(self) -> None:
        self.stored: dict[str, LoginRecord] = {}
        self._refusals = RefusalGroups()

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        self._add(_record_of(event) for event in events if isinstance(event, UserActive))

    async def record_failure(self, record: LoginRecord) -> None:
        row = self._refusals.add(record)
        self.stored[row.id] = row

    async def page_of(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        skip = paging.skip
        found = [record for record in self.stored.values() if record.user_id == user_id]
        found.sort(key=lambda record: (record.at, record.id), reverse=True)
        shown = found[skip : skip + paging.page_size]
        total = min(len(found), MAX_PAGED_ROWS)
        return Page.of(shown, total, paging)

    def _add(self, records: Iterable[LoginRecord]) -> None:
        for record in records:
            self.stored.setdefault(record.id, record)


def _record_of(event: UserActive) -> LoginRecord:
    return LoginRecord(
        id=event.id,
        at=event.at,
        user_id=event.user_id,
        method=event.method,
        result="success",
        app_id=event.app_id,
        address=event.address,
        user_agent=event.user_agent,
        region=event.login_region,
    )
