"""The query of contract lists and of the board, and the list that answers it."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.contracts.board.filter import ContractFilter
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, ContractType, OrderCategory
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.plain_text import cleaned_line
from http_api.core.dates import InputDay
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import contracts_of, scope
from http_api.routes.contracts.contract_answers import ContractAnswer, answers


class ContractFilters(Model):
    """`search`: part of a name, or the beginning or end of a number or phone. Without `showAll` or `orderCategory`:
    the contracts that have not been replaced."""

    search: Annotated[str, cleaned_line(64)] = ""
    show_all: bool = False
    order_category: Literal["housekeeping", "training"] | None = None
    status: Literal["draft", "signing", "signed", "active", "replaced", "cancelled", "graduated", "refunded"] | None = (
        None
    )
    contract_type: ContractType | None = None
    owner_id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""
    service_expired: bool = False
    ending_until: InputDay | None = None
    created_from: InputDay | None = None
    created_to: InputDay | None = None

    def to_filter(self, context: RequestContext) -> ContractFilter:
        category = self.order_category or (None if self.show_all else "housekeeping")
        return ContractFilter(
            status=ContractStatus(self.status) if self.status else None,
            order_category=OrderCategory(category) if category else None,
            contract_type=self.contract_type,
            latest_only=not self.show_all and self.status != "replaced",
            owner_id=self.owner_id,
            service_expired=self.service_expired,
            ending_until=self.ending_until,
            created_from=self.created_from,
            created_to=self.created_to,
            scope=scope(context),
        )


class ContractQuery(ContractFilters):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(10, ge=1, le=100)
    sync_status: bool = False
    """Sent by legacy clients and not used: the statuses are always current."""


class ContractList(Model):
    contracts: list[ContractAnswer]
    total: int
    page: int
    limit: int
    total_pages: int


async def list_answer(context: RequestContext, query: ContractQuery) -> ContractList:
    paging = PageRequest(page=query.page, page_size=query.limit)
    page: Page[Contract] = await contracts_of(context).queries.page(query.to_filter(context), query.search, paging)
    return ContractList(
        contracts=await answers(context, page.list),
        total=page.total,
        page=page.page,
        limit=page.page_size,
        total_pages=page.total_pages,
    )
