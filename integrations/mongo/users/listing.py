"""The list of mini-program users in MongoDB: queries of the search index, each naming the index that serves it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCursor
from pymongo.errors import ExecutionTimeout

from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from domain.shared.parts import parts_of
from domain.shared.places.provinces import PROVINCES
from domain.shared.places.region import UNKNOWN
from domain.users.administration.search import prefix_upper_bound, required_ngrams, search_terms
from domain.users.errors import SearchTooBroad
from domain.users.model import User
from domain.users.user_query import TimeRange, UserFilter, UserQuery
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX
from integrations.mongo.repository import Document
from integrations.mongo.users.users import NEEDS_REVIEW, MongoUserRepository, openid_term, phone_tail_term

MAX_MATCHES = 1_000
"""The maximum of matches for each meaning of a search text; a longer text narrows the search."""
SEARCH_TIMEOUT_MS = 2_000
_BATCH = 500
_NOT_LISTED = {OUTBOX: 0, "sessions": 0}
_SORT_KEYS = {"createdAt": 1, "lastLoginAt": 1, "loginCount": 1, "nickname": 1}
_BY_FIELD = {"createdAt": "by_created", "lastLoginAt": "by_last_login", "loginCount": "by_login_count"}

_ANY_INSTANT = {"$gte": datetime(1970, 1, 1, tzinfo=UTC)}
"""The search documents of accounts that are gone have none."""

Sort = list[tuple[str, int]]


class MongoUserList:
    def __init__(self, users: MongoUserRepository) -> None:
        self._users = users
        self._search_documents = users.search.collection

    async def page(self, query: UserQuery, paging: PageRequest) -> Page[User]:
        """`total` of a filtered list is exact up to MAX_PAGED_ROWS, the last row that can be paged to."""
        skip = paging.skip
        if query.search:
            found = await self._search(query)
            ids, total = found[skip : skip + paging.page_size], len(found)
        else:
            with store_failures():
                ids = [each["_id"] async for each in self._find(query).skip(skip).limit(paging.page_size)]
            total = await self.count(query, MAX_PAGED_ROWS)
        return Page.of(await self._by_id(ids), total, paging)

    async def count(self, query: UserQuery, limit: int) -> int:
        if query.search:
            return len(await self._search(query))
        filters, index = filter_and_index(query)
        with store_failures():
            return await self._search_documents.count_documents(filters, limit=limit, hint=index)

    async def stream(self, query: UserQuery, limit: int) -> AsyncIterator[User]:
        ids = (await self._search(query))[:limit] if query.search else []
        if not query.search:
            with store_failures():
                ids = [each["_id"] async for each in self._find(query).limit(limit).batch_size(_BATCH)]
        for part in parts_of(ids, _BATCH):
            for user in await self._by_id(part):
                yield user

    def _find(self, query: UserQuery) -> "AsyncIOMotorCursor[Document]":
        filters, index = filter_and_index(query)
        return self._search_documents.find(filters, {"_id": 1}).sort(order_of(query)).hint(index)

    async def _search(self, query: UserQuery) -> list[ObjectId]:
        """Ids of the matches, in the order of the query. Each meaning of the text is an indexed query of its own."""
        found: dict[ObjectId, Document] = {}
        for search in search_queries(query):
            cursor = self._search_documents.find(search.filters, _SORT_KEYS).hint(search.index).limit(MAX_MATCHES)
            cursor = (cursor.sort(search.order) if search.order else cursor).max_time_ms(SEARCH_TIMEOUT_MS)
            with store_failures():
                try:
                    documents = await cursor.to_list(MAX_MATCHES)
                except ExecutionTimeout as error:
                    raise SearchTooBroad from error
            found.update({document["_id"]: document for document in documents if search.accepts(document)})
        by = query.sort.field
        return sorted(found, key=lambda key: (_comparable(found[key].get(by)), key), reverse=query.sort.descending)

    async def _by_id(self, ids: Sequence[ObjectId]) -> list[User]:
        with store_failures():
            documents = await self._users.collection.find({"_id": {"$in": ids}}, _NOT_LISTED).to_list(len(ids))
        by_id = {document["_id"]: self._users.from_document(document) for document in documents}
        return [by_id[key] for key in ids if key in by_id]


def _comparable(value: Any) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value or 0)


def order_of(query: UserQuery) -> Sort:
    direction = -1 if query.sort.descending else 1
    return [(query.sort.field, direction), ("_id", direction)]


def filter_and_index(query: UserQuery) -> tuple[Document, str]:
    """The filter of a query without search text, and the name of the index that serves it.

    A compound index needs a value for each of its leading fields; for a field without filter, all possible values are
    listed. The server then merges one sorted scan for each combination, at most 2 x 2 x 35 (MongoDB merges up to 200).
    Without a filter the order alone is enough: to merge all scans costs several times as much.
    """
    filters = _conditions(query.filter, query.now)
    if query.filter.needs_review:
        return {**filters, "terms": NEEDS_REVIEW}, "terms"
    if _is_plain(query):
        return {"createdAt": filters.get("createdAt", _ANY_INSTANT)}, "created"
    any_value: Document = {"hasPhone": {"$in": [True, False]}, "province": {"$in": [*PROVINCES, UNKNOWN]}}
    return {**any_value, **filters}, _BY_FIELD[query.sort.field]


def _is_plain(query: UserQuery) -> bool:
    """True for the list as it is first opened: all accounts in the order of registration."""
    wanted = query.filter
    return wanted == UserFilter(created=wanted.created) and query.sort.field == "createdAt"


def _conditions(wanted: UserFilter, now: datetime) -> Document:
    filters: Document = {"state": wanted.stored_status() or {"$in": ["active", "blocked"]}}
    if wanted.has_phone is not None:
        filters["hasPhone"] = wanted.has_phone
    if wanted.province is not None:
        filters["province"] = wanted.province
    for field, span in (("createdAt", wanted.created), ("lastLoginAt", wanted.last_login_at(now))):
        if not span.is_unbounded:
            filters[field] = _range(span)
    return filters


def _range(span: TimeRange) -> Mapping[str, datetime]:
    bounds = {"$gte": span.since, "$lte": span.until}
    return {operator: bound for operator, bound in bounds.items() if bound is not None}


@dataclass(frozen=True, slots=True)
class Search:
    """The query for one meaning of a search text. Without `order`, in the order of the index."""

    filters: Document
    index: str
    order: Sort | None = None
    in_nickname: str = ""

    def accepts(self, document: Document) -> bool:
        # A nickname can contain all pairs of a text in another order.
        return self.in_nickname in document.get("nickname", "").lower()


def search_queries(query: UserQuery) -> list[Search]:
    """One query for each meaning of the search text."""
    terms = search_terms(query.search)
    narrowed = _conditions(query.filter, query.now)
    marks = [NEEDS_REVIEW] if query.filter.needs_review else []
    marked = {"terms": NEEDS_REVIEW} if marks else {}
    queries = [
        Search({**narrowed, **marked, name: {"$gte": prefix, "$lt": prefix_upper_bound(prefix)}}, name)
        for name, prefix in (("phone", terms.phone_prefix), ("usernameKey", terms.username_prefix))
        if prefix
    ]
    whole = [openid_term(terms.openid)] if terms.openid else []
    whole += [phone_tail_term(terms.phone_tail)] if terms.phone_tail else []
    queries += [Search({**narrowed, "terms": {"$all": [term, *marks]}}, "terms") for term in whole]
    if terms.nickname:
        needed = {"terms": {"$all": [*required_ngrams(terms.nickname), *marks]}}
        queries.append(Search({**narrowed, **needed}, "terms", [("createdAt", -1)], terms.nickname))
    return queries
