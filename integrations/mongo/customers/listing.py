"""Lists, searches and counts of customers: queries of the search index, each naming the index that serves it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo.errors import ExecutionTimeout

from domain.customers.customer_query import CustomerCounts, CustomerFilter, CustomerQuery, SortField
from domain.customers.errors import SearchTooBroad
from domain.customers.model import Customer
from domain.customers.recycling.model import FallCandidate
from domain.customers.search_terms import search_term
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from domain.shared.parts import parts_of
from domain.shared.scope import EVERYTHING
from integrations.mongo.customers.repository import FALL_INDEX, MongoCustomerRepository
from integrations.mongo.customers.search_keys import UNHELD, list_condition
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX
from integrations.mongo.repository import Document, object_id

QUERY_TIMEOUT_MS: Final = 3_000
_MAX_DUPLICATES: Final = 20
_BATCH: Final = 200
_MOMENT: Final = timedelta(milliseconds=1)
_FALLING: Final = ["fallClock", "leadLevel", "leadSource", "assignedTo", "people"]
MAX_HELD: Final = 20_000
"""More customers of one owner are not considered for a transfer."""

Sort = list[tuple[str, int]]


class MongoCustomerList:
    def __init__(self, customers: MongoCustomerRepository) -> None:
        self._customers = customers
        self._search_documents = customers.search.collection

    async def page(self, query: CustomerQuery, paging: PageRequest) -> Page[Customer]:
        filters, index = filter_and_index(query)
        found = self._search_documents.find(filters, {"_id": 1}).sort(order_of(query)).hint(index)
        found = found.skip(paging.skip).limit(paging.page_size).max_time_ms(QUERY_TIMEOUT_MS)
        with store_failures():
            try:
                ids = [document["_id"] async for document in found]
            except ExecutionTimeout as error:
                raise SearchTooBroad from error
        total = await self.count(query.filter, MAX_PAGED_ROWS)
        return Page.of(await self._by_id(ids), total, paging)

    async def stream(self, query: CustomerQuery, most: int) -> AsyncIterator[Customer]:
        filters, index = filter_and_index(query)
        with store_failures():
            found = self._search_documents.find(filters, {"_id": 1}).sort(order_of(query)).hint(index).limit(most)
            ids = [document["_id"] async for document in found]
        async for customer in self._in_batches(ids):
            yield customer

    async def falling(self, before: datetime, owner: str = "") -> AsyncIterator[FallCandidate]:
        wanted: Document = {"fallClock": {"$lte": before}, **({"assignedTo": owner} if owner else {})}
        with store_failures():
            found = self._search_documents.find(wanted, _FALLING).sort("fallClock", 1).hint(FALL_INDEX)
            async for document in found:
                yield FallCandidate(id=str(document.pop("_id")), **document)

    async def of_ids(self, ids: Sequence[str]) -> Sequence[Customer]:
        return await self._by_id([key for key in map(object_id, ids) if key])

    async def idle(self, owner: str, before: datetime) -> AsyncIterator[Customer]:
        wanted = CustomerFilter(scope=EVERYTHING, owner_id=owner, active_until=before + _MOMENT, with_lost=True)
        query = CustomerQuery(filter=wanted, sort=SortField.ACTIVITY, descending=False)
        async for customer in self.stream(query, MAX_HELD):
            yield customer

    async def count(self, wanted: CustomerFilter, limit: int) -> int:
        filters, index = filter_and_index(CustomerQuery(filter=wanted))
        with store_failures():
            return await self._search_documents.count_documents(filters, limit=limit, hint=index)

    async def counts(self, wanted: CustomerFilter) -> CustomerCounts:
        named = ("contractStatus", "leadSource", "serviceCategory", "leadLevel")
        pipeline: list[dict[str, Any]] = [
            {"$match": list_condition(wanted)},
            {"$group": {"_id": {name: f"${name}" for name in named}, "count": {"$sum": 1}}},
        ]
        with store_failures():
            groups = await self._search_documents.aggregate(pipeline, hint="by_createdAt").to_list(None)
        return CustomerCounts(
            total=sum(group["count"] for group in groups),
            by_stage=_sums(groups, "contractStatus"),
            by_source=_sums(groups, "leadSource"),
            by_category=_sums(groups, "serviceCategory"),
            by_level=_sums(groups, "leadLevel"),
        )

    async def of_id_card(self, id_card: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        with store_failures():
            found = self._search_documents.find({"idCardNumber": id_card}, {"people": 1}).hint("by_id_card")
            documents = await found.limit(_MAX_DUPLICATES).to_list(_MAX_DUPLICATES)
        return [(str(each["_id"]), tuple(each.get("people", ()))) for each in documents]

    async def uses(self, field: str, value: str) -> bool:
        with store_failures():
            # A scan: two of the fields have no index, and administrators seldom remove a value.
            found = await self._search_documents.find_one({field: value}, {"_id": 1})
        return found is not None

    async def to_remind(self, now: datetime, most: int) -> Sequence[str]:
        return await self._ids({"remindAt": {"$lte": now}}, "by_remindAt", most)

    async def unannounced_breaches(self, limit: datetime, most: int) -> Sequence[str]:
        return await self._ids({"breachUnannouncedSince": {"$lt": limit}}, "by_breach", most)

    async def not_yet_held(self, most: int) -> Sequence[str]:
        return await self._ids({"lists": UNHELD}, "by_createdAt", most)

    async def _ids(self, filters: Document, index: str, most: int) -> Sequence[str]:
        with store_failures():
            found = self._search_documents.find(filters, {"_id": 1}).hint(index).limit(most)
            return [str(document["_id"]) async for document in found]

    async def _in_batches(self, ids: Sequence[ObjectId]) -> AsyncIterator[Customer]:
        for part in parts_of(ids, _BATCH):
            for customer in await self._by_id(part):
                yield customer

    async def _by_id(self, ids: Sequence[ObjectId]) -> list[Customer]:
        with store_failures():
            documents = await self._customers.collection.find({"_id": {"$in": list(ids)}}, {OUTBOX: 0}).to_list(None)
        by_id = {document["_id"]: self._customers.from_document(document) for document in documents}
        return [by_id[key] for key in ids if key in by_id and by_id[key].deleted_at is None]


def _sums(groups: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for group in groups:
        if value := group["_id"].get(name):
            sums[value] += group["count"]
    return dict(sums)


def order_of(query: CustomerQuery) -> Sort:
    direction = -1 if query.descending else 1
    return [(query.sort, direction), ("_id", direction)]


def filter_and_index(query: CustomerQuery) -> tuple[Document, str]:
    """The filter of a query, and the name of the index that serves it."""
    wanted = query.filter
    filters = list_condition(wanted)
    ranges = {
        SortField.CREATED: (wanted.created_from, wanted.created_until),
        SortField.ASSIGNED: (wanted.assigned_from, wanted.assigned_until),
        SortField.FOLLOW_UP_DUE: (wanted.due_from, wanted.due_until),
        SortField.ACTIVITY: (None, wanted.active_until),
        SortField.RESPONSE_AWAITED: (wanted.awaited_from, wanted.awaited_until),
    }
    bounded: Document = {field: _range(*bounds) for field, bounds in ranges.items() if any(bounds)}
    filters.update(bounded)
    if query.sort is SortField.POOL_ENTRY:
        filters[query.sort] = {"$exists": True}  # as the index says
    partial = {SortField.FOLLOW_UP_DUE: wanted.due, SortField.RESPONSE_AWAITED: wanted.awaits_response}
    for field, is_wanted in partial.items():
        if is_wanted or query.sort is field:  # as the index says
            bounded[field] = filters[field] = {"$exists": True, **bounded.get(field, {})}
    if terms := [search_term(each) for each in wanted.terms]:
        return {**filters, "terms": {"$all": terms}}, "by_term"
    if "facets" in filters:
        return filters, "by_facet"
    if bounded and query.sort not in bounded:
        return filters, f"by_{next(iter(bounded))}"  # fewer rows than the whole order has
    return filters, f"by_{query.sort}"


def _range(since: datetime | None, until: datetime | None) -> Document:
    bounds = {"$gte": since, "$lt": until}
    return {operator: bound for operator, bound in bounds.items() if bound is not None}
