"""The contract board (合同看板): columns by status, and whose the contracts are."""

from typing import Annotated

from pydantic import StringConstraints

from domain.contracts.board.card import ContractCard
from domain.contracts.statuses import ContractStatus
from domain.shared.model import Instant, Model
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.common import TAG, VIEW, contracts_of, scope
from http_api.routes.contracts.views import ContractQuery

endpoints = Endpoints("/api/contracts", tag=TAG)


class BoardColumnAnswer(Model):
    status: ContractStatus
    count: int
    cards: list[ContractCard]


class BoardAnswer(Model):
    columns: list[BoardColumnAnswer]
    service_expired: int
    ending_soon: int
    at: Instant
    """It holds everything that happened until then."""


class ColumnQuery(ContractQuery):
    older_than: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""
    """The last card that you have."""


class Owner(Model):
    id: str
    name: str


class OwnerList(Model):
    owners: list[Owner]


@endpoints.get("/board", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def board(context: RequestContext, query: ContractQuery) -> BoardAnswer:
    """合同看板：每个状态的数量与最新 50 份 · the board: counts by status, and the newest fifty of each"""
    view = await contracts_of(context).reading.board(query.to_filter(context), query.search)
    columns = [BoardColumnAnswer(status=c.status, count=c.count, cards=list(c.cards)) for c in view.columns]
    return BoardAnswer(columns=columns, service_expired=view.service_expired, ending_soon=view.ending_soon, at=view.at)


@endpoints.get("/board/{status}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def board_column(context: RequestContext, status: ContractStatus, query: ColumnQuery) -> BoardColumnAnswer:
    """看板某一列的后 50 份 · fifty more cards of one column of the board"""
    wanted = query.to_filter(context)
    column = await contracts_of(context).reading.column(wanted, status, query.search, query.older_than)
    return BoardColumnAnswer(status=column.status, count=column.count, cards=list(column.cards))


@endpoints.get("/owners", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def owners(context: RequestContext) -> OwnerList:
    """归属人（数据范围内）· who owns the contracts that you may see"""
    found = await contracts_of(context).reading.owners(scope(context))
    return OwnerList(owners=[Owner(id=staff_id, name=name) for staff_id, name in found.items()])
