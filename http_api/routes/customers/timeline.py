"""The route of a customer's timeline."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from domain.shared.model import Instant, Model
from domain.shared.text import Language
from domain.shared.timeline import TimelineCursor, TimelineEntry
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.routes.customers.common import CUSTOMER_ERRORS, PREFIX, READ, TAG, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)


def _parsed(text: str) -> str:
    TimelineCursor.parse(text)
    return text


Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,14}\.[0-9A-Za-z:_-]{1,80}$"), AfterValidator(_parsed)]


class TimelineQuery(Model):
    """`before`: `nextCursor` of the page before; the first page without it."""

    before: Cursor | None = None
    limit: int = Field(20, ge=1, le=100)


class TimelineRecord(Model):
    kind: str
    id: str


class TimelineEntryAnswer(Model):
    """`record`: the record that a click opens, such as a contract."""

    id: str
    at: Instant
    kind: str
    title: str
    detail: str
    record: TimelineRecord | None
    actor_id: str | None
    actor_name: str | None
    from_name: str | None
    to_name: str | None

    @classmethod
    def of(cls, entry: TimelineEntry, names: Mapping[str, str], language: Language) -> "TimelineEntryAnswer":
        return cls(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            title=entry.title.in_language(language),
            detail=entry.detail.in_language(language),
            record=TimelineRecord(**entry.record.model_dump()) if entry.record else None,
            actor_id=entry.actor_id or None,
            actor_name=names.get(entry.actor_id) or entry.actor_name or None,
            from_name=names.get(entry.from_id),
            to_name=names.get(entry.to_id),
        )


class TimelineAnswer(Model):
    """Newest first. `unavailable`: sources whose entries are missing, because they do not answer now."""

    list: list[TimelineEntryAnswer]
    next_cursor: str | None
    unavailable: tuple[str, ...]


@endpoints.get("/{customer_id}/timeline", raises=CUSTOMER_ERRORS, **READ)
async def timeline(context: RequestContext, customer_id: EntityId, query: TimelineQuery) -> TimelineAnswer:
    """客户时间线：分配、公海、状态、跟进、合同、面试 · everything that happened, newest first"""
    before = TimelineCursor.parse(query.before) if query.before else None
    page = await context.services.timeline.page(customer_id, context.staff, before, query.limit)
    people = {each for entry in page.entries for each in (entry.actor_id, entry.from_id, entry.to_id)}
    names = await customers_of(context).queries.staff_names(people)
    return TimelineAnswer(
        list=[TimelineEntryAnswer.of(each, names, context.language) for each in page.entries],
        next_cursor=str(page.next) if page.next else None,
        unavailable=tuple(page.unavailable),
    )
