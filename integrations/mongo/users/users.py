"""Mini-program users in MongoDB: the collection and its indexes, and password hashes in a collection of their own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import OperationFailure

from domain.shared.credentials import UsernameTaken
from domain.shared.places.region import UNKNOWN
from domain.users.administration.search import nickname_ngrams
from domain.users.errors import IdentityTaken, PhoneBound
from domain.users.identity import identity_key
from domain.users.model import User
from integrations.mongo.batched_lookups import BatchedLookup
from integrations.mongo.failures import Duplicates, store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository, object_id
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION = "miniprogram_users"
CREDENTIALS = "miniprogram_credentials"

IDENTITY_KEYS = "_identityKeys"

_PRESENT = {"$gt": ""}
"""Only non-empty texts are unique. An equality on a text implies this filter, so the partial index serves it."""

_NO_SUCH_INDEX = 27

NEEDS_REVIEW = "needs-review"
"""The search term of flagged accounts; longer than any n-gram, so that no nickname has it."""

# Equality, sort, range: equality fields first, then the sort order (ids break ties), then range fields. Every login
# writes each index of this collection, so there are only these.
_EQUAL = [("_state", 1), ("_hasPhone", 1), ("_province", 1)]
LIST_INDEXES: dict[str, list[tuple[str, int]]] = {
    "by_created": [*_EQUAL, ("createdAt", -1), ("_id", -1), ("lastLoginAt", -1)],
    "by_last_login": [*_EQUAL, ("lastLoginAt", -1), ("_id", -1), ("createdAt", -1)],
    "by_login_count": [*_EQUAL, ("loginCount", -1), ("_id", -1), ("createdAt", -1), ("lastLoginAt", -1)],
}


def openid_term(open_id: str) -> str:
    return f"openid:{open_id}"


def _union_key(union_id: str) -> str:
    return f"union:{union_id}"


async def create_indexes(database: "AsyncIOMotorDatabase[Document]") -> None:
    """Idempotent: an existing index is not changed."""
    users = database[COLLECTION]
    with store_failures():
        await users.create_index(IDENTITY_KEYS, name="identity_keys", unique=True, sparse=True)
        await _drop_index(users, IDENTITY_KEYS)  # a partial index of earlier versions
        for field in ("phone", "usernameKey"):
            await users.create_index(field, name=field, unique=True, partialFilterExpression={field: _PRESENT})
        for name, keys in LIST_INDEXES.items():
            await users.create_index(keys, name=name)
        await users.create_index([("_terms", 1), ("createdAt", -1)], name="terms")
        await users.create_index("outbox.id", name="outbox")


async def _drop_index(collection: "AsyncIOMotorCollection[Document]", name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code != _NO_SUCH_INDEX:
            raise


class MongoUserRepository(Repository[User]):
    duplicates: ClassVar[Duplicates] = {
        IDENTITY_KEYS: IdentityTaken,
        "phone": PhoneBound,
        "usernameKey": UsernameTaken,
    }

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        super().__init__(database[COLLECTION], User, outbox, gate)
        self._by_identity = BatchedLookup(self.collection, IDENTITY_KEYS)

    def extra_fields(self, entity: User) -> Mapping[str, Any]:
        listed = not entity.is_gone
        return {
            IDENTITY_KEYS: _identity_keys(entity),
            "_state": entity.status if listed else None,
            "_hasPhone": entity.has_phone if listed else None,
            "_province": (entity.region.province or UNKNOWN) if listed else None,
            "_terms": _terms(entity) if listed else None,
        }

    async def find_by_identity(self, app_id: str, open_id: str) -> User | None:
        return self.load(await self._by_identity.find(identity_key(app_id, open_id)))

    async def find_by_unionid(self, union_id: str) -> User | None:
        return self.load(await self._by_identity.find(_union_key(union_id)))

    async def find_by_phone(self, phone: str) -> User | None:
        return await self.find_where({"phone": phone})

    async def find_by_username(self, username: str) -> User | None:
        return await self.find_where({"usernameKey": username.lower()})


def _identity_keys(user: User) -> list[str]:
    """Unique keys of the account: each openid with its app, each unionid."""
    unions = {_union_key(identity.unionid) for identity in user.identities if identity.unionid}
    return [*(identity.key for identity in user.identities), *sorted(unions)]


def _terms(user: User) -> list[str]:
    """Terms that the list's search matches exactly: n-grams of the nickname, openids, and the review mark."""
    marks = [NEEDS_REVIEW] if user.needs_review else []
    return [*nickname_ngrams(user.nickname), *(openid_term(identity.openid) for identity in user.identities), *marks]


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
