"""Mini-program users in MongoDB: the accounts, their search index, and password hashes in a collection of their own."""

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, ClassVar

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Conflict
from domain.shared.places.region import UNKNOWN
from domain.users.administration.search import nickname_ngrams, phone_tails
from domain.users.errors import IdentityTaken, PhoneBound
from domain.users.identity import identity_key
from domain.users.model import INACTIVE_AFTER, User
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository, object_id, unique_key
from integrations.mongo.search_index import SearchIndex
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION = "miniprogram_users"
CREDENTIALS = "miniprogram_credentials"
SEARCH = "miniprogram_user_search"

NEEDS_REVIEW = "needs-review"
"""The search term of flagged accounts; longer than any n-gram, so that no nickname has it."""

# Equality, sort, range: equality fields first, then the sort order (ids break ties), then range fields.
_EQUAL = [("state", 1), ("hasPhone", 1), ("province", 1)]
SEARCH_INDEXES: dict[str, list[tuple[str, int]]] = {
    "created": [("createdAt", -1), ("_id", -1)],
    "by_created": [*_EQUAL, ("createdAt", -1), ("_id", -1), ("lastLoginAt", -1)],
    "by_last_login": [*_EQUAL, ("lastLoginAt", -1), ("_id", -1), ("createdAt", -1)],
    "by_login_count": [*_EQUAL, ("loginCount", -1), ("_id", -1), ("createdAt", -1), ("lastLoginAt", -1)],
    "terms": [("terms", 1), ("createdAt", -1)],
}
_PREFIX_SEARCHED = ("phone", "usernameKey")
_CHANGED_BY_EVERY_LOGIN = frozenset({"loginCount", "lastLoginAt"})
_QUERIED = frozenset(
    {"status", "deletedAt", "phone", "region", "createdAt", "nickname", "identities", "needsReview", "usernameKey"}
)


def openid_term(open_id: str) -> str:
    return f"openid:{open_id}"


def phone_tail_term(tail: str) -> str:
    return f"phone:{tail}"


class MongoUserRepository(Repository[User]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {
        "openid": IdentityTaken,
        "unionid": IdentityTaken,
        "phone": PhoneBound,
        "username": UsernameTaken,
    }
    layout: ClassVar[int] = 5
    """5: documents of the former system have a version."""
    former_indexes: ClassVar[Sequence[str]] = (
        "identity_keys",
        "phone",
        "usernameKey",
        "terms",
        "outbox",
        *SEARCH_INDEXES,
    )
    former_fields: ClassVar[Sequence[str]] = ("_identityKeys", "_state", "_hasPhone", "_province", "_terms")

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        self.search = SearchIndex(database[SEARCH], search_fields, at_once=_QUERIED, later=_CHANGED_BY_EVERY_LOGIN)
        super().__init__(database[COLLECTION], User, outbox, gate, self.search)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            for name, keys in SEARCH_INDEXES.items():
                await self.search.collection.create_index(keys, name=name)
            for field in _PREFIX_SEARCHED:
                await self.search.collection.create_index(field, name=field, sparse=True)

    def unique_keys(self, entity: User) -> Mapping[str, Sequence[str]]:
        return {
            "openid": [identity.key for identity in entity.identities],
            "unionid": sorted({identity.unionid for identity in entity.identities}),
            "phone": [entity.phone],
            "username": [entity.username_key],
        }

    def keys_of_unreadable(self, document: Mapping[str, Any]) -> Sequence[str]:
        identities = (key for key in document.get("_identityKeys", ()) if not key.startswith("union:"))
        values = {"openid": identities, "phone": [document.get("phone")], "username": [document.get("usernameKey")]}
        return [unique_key(kind, value) for kind, found in values.items() for value in found if value]

    async def find_by_identity(self, app_id: str, open_id: str) -> User | None:
        return await self.find_by_key("openid", identity_key(app_id, open_id))

    async def find_by_unionid(self, union_id: str) -> User | None:
        return await self.find_by_key("unionid", union_id)

    async def find_by_phone(self, phone: str) -> User | None:
        return await self.find_by_key("phone", phone)

    async def find_surviving(self, user_id: str) -> User | None:
        """The account, or the one that it was merged into; None for a deleted one. Raises Unavailable."""
        user = await self.find(user_id)
        while user is not None and user.merged_into:  # an account is merged into one that exists: no circles
            user = await self.find(user.merged_into)
        return None if user is None or user.is_gone else user

    async def find_by_username(self, username: str) -> User | None:
        return await self.find_by_key("username", username.lower())

    async def update_search_index(self, saved: User, changed: Set[str], before: Mapping[str, Any]) -> None:
        # A login that ends `inactive` changes the status that the list filters by.
        await super().update_search_index(
            saved, {*changed, "status"} if _was_inactive(before, saved) else changed, before
        )


def _was_inactive(before: Mapping[str, Any], user: User) -> bool:
    """True if a login ends the derived status `inactive`."""
    previous = before.get("lastLoginAt")
    return bool(previous and user.last_login_at and user.last_login_at - previous >= INACTIVE_AFTER)


def search_fields(user: User) -> Document:
    """The fields that the list of accounts queries. Deleted and merged accounts have nothing to be found by."""
    if user.is_gone:
        return {}
    fields = {
        "state": user.status,
        "hasPhone": user.has_phone,
        "province": user.region.province or UNKNOWN,
        "createdAt": user.created_at,
        "lastLoginAt": user.last_login_at,
        "loginCount": user.login_count,
        "nickname": user.nickname,
        "phone": user.phone,
        "usernameKey": user.username_key,
        "terms": _terms(user),
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _terms(user: User) -> list[str]:
    """Terms that the list's search matches exactly: n-grams of the nickname, openids, ends of the phone, mark."""
    return [
        *nickname_ngrams(user.nickname),
        *(openid_term(identity.openid) for identity in user.identities),
        *map(phone_tail_term, phone_tails(user.phone)),
        *([NEEDS_REVIEW] if user.needs_review else []),
    ]


class MongoUserCredentials:
    def __init__(self, database: "AsyncIOMotorDatabase[Document]", gate: WriteGate = OPEN_GATE) -> None:
        self._collection = database[CREDENTIALS]
        self._gate = gate

    async def hash_of(self, user_id: str) -> str | None:
        with store_failures():
            found = await self._collection.find_one({"_id": object_id(user_id)})
        return found["hash"] if found else None

    async def replace(self, user_id: str, former: str, renewed: str) -> None:
        with store_failures():
            await self._collection.update_one({"_id": object_id(user_id), "hash": former}, {"$set": {"hash": renewed}})

    async def store(self, user_id: str, password_hash: str) -> None:
        change = {"$set": {"hash": password_hash, "changedAt": datetime.now(UTC)}}
        with self._gate.writing(), store_failures():
            await self._collection.update_one({"_id": object_id(user_id)}, change, upsert=True)

    async def forget(self, user_id: str) -> None:
        with store_failures():
            await self._collection.delete_one({"_id": object_id(user_id)})
