"""Pages of lists: the request and the response that all lists share."""

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar

from pydantic import Field, computed_field

from domain.shared.errors import InvalidRequest
from domain.shared.model import Model
from domain.shared.text import Text

Item = TypeVar("Item")

MAX_PAGED_ROWS = 10_000
"""The last row that can be paged to; beyond it clients must narrow the list with filters."""


class PageTooDeep(InvalidRequest):
    code = "PAGE_TOO_DEEP"
    text = Text("页码过大，请使用筛选条件缩小范围", "That page is too deep; narrow the list with filters")


class PageRequest(Model):
    """`page` counts from 1."""

    page: int = Field(1, ge=1, le=1_000_000_000)
    page_size: int = Field(20, ge=1, le=100)

    @property
    def skip(self) -> int:
        """The number of rows before this page. Raises PageTooDeep."""
        skip = (self.page - 1) * self.page_size
        if skip + self.page_size > MAX_PAGED_ROWS:
            raise PageTooDeep(deepest_row=MAX_PAGED_ROWS)
        return skip


class Page(Model, Generic[Item]):
    list: list[Item]
    total: int
    page: int
    page_size: int

    @classmethod
    def of(cls, items: Sequence[Item], total: int, paging: "PageRequest | Page[Any]") -> Self:
        """The page that `paging` asks for, or that corresponds to another page."""
        return cls(list=[*items], total=total, page=paging.page, page_size=paging.page_size)

    @computed_field(alias="totalPages")  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def total_pages(self) -> int:
        return -(-self.total // self.page_size)
