"""Pages of a collection, for lists of documents."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection

from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from integrations.mongo.failures import store_failures

Row = TypeVar("Row")


async def page_of(
    collection: "AsyncIOMotorCollection[dict[str, Any]]",
    query: Mapping[str, Any],
    order: list[tuple[str, int]],
    paging: PageRequest,
    read: Callable[[dict[str, Any]], Row],
    *,
    fields: Mapping[str, int] | None = None,
    index: str = "",
) -> Page[Row]:
    """The page, and the number of all documents up to the deepest page. `index`: the one to use.

    Raises PageTooDeep, Unavailable.
    """
    skip = paging.skip
    hint: dict[str, Any] = {"hint": index} if index else {}
    with store_failures():
        found = collection.find(query, fields, **hint).sort(order).skip(skip).limit(paging.page_size)
        documents = await found.to_list(paging.page_size)
        total = await collection.count_documents(query, limit=MAX_PAGED_ROWS, **hint)
    return Page.of([read(document) for document in documents], total, paging)
