"""The route that searches all areas (全局搜索)."""

from typing import Annotated, Self

from pydantic import Field

from domain.search.service import HITS_PER_AREA, Group
from domain.shared.model import Model
from domain.shared.plain_text import cleaned_line
from domain.shared.search import Hit
from domain.shared.text import Language, Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

endpoints = Endpoints("/api/search", tag=Text("搜索", "Search"))


class SearchQuery(Model):
    """`q`: a name, number or phone; each area understands what the search of its list does."""

    q: Annotated[str, cleaned_line(64)] = ""


class SearchProblem(Model):
    code: str
    message: str


class SearchGroup(Model):
    """`problem`: why this area could not search in time; the other areas have answered."""

    area: str
    """The page of the dashboard that opens its records."""
    hits: Annotated[list[Hit], Field(max_length=HITS_PER_AREA)]
    total: int
    problem: SearchProblem | None

    @classmethod
    def of(cls, group: Group, language: Language) -> Self:
        error = group.problem
        return cls(
            area=group.area,
            hits=list(group.found.hits),
            total=group.found.total,
            problem=error and SearchProblem(code=error.code, message=error.shown_text.in_language(language)),
        )


class SearchAnswer(Model):
    groups: list[SearchGroup]


# A query string is in no log (`place_of` in the middleware, `$logged_path` of the proxy), so a phone may be searched.
@endpoints.get("", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def search(context: RequestContext, query: SearchQuery) -> SearchAnswer:
    """搜索 · search users, staff, contracts and interviews that you may see"""
    groups = await context.services.search.find(query.q, context.staff)
    return SearchAnswer(groups=[SearchGroup.of(each, context.language) for each in groups])
