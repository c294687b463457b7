"""The page of a list, as a query asks for it."""

from pydantic import Field

from domain.shared.model import Model
from domain.shared.paging import PageRequest


class PageQuery(Model):
    """`limit` is the legacy clients' name of `pageSize`."""

    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(20, ge=1, le=100)
    limit: int | None = Field(None, ge=1, le=100)

    @property
    def paging(self) -> PageRequest:
        return PageRequest(page=self.page, page_size=self.limit or self.page_size)
