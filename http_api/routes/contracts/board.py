"""Routes of the contract board (合同看板): columns by status, and the owners of contracts."""

from typing import Annotated

from pydantic import StringConstraints

from domain.contracts.board.card import ContractCard
from domain.contracts.statuses import ContractStatus
from domain.shared.model import Instant, Model
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.contracts.common import READ, TAG, contracts_of, scope
from http_api.routes.contracts.list_query import ContractQuery

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
    """The board holds every change made before this time."""


class ColumnQuery(ContractQuery):
    older_than: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""
    """The id of the last card that the client has."""


class Owner(Model):
    id: str
    name: str


class OwnerList(Model):
    owners: list[Owner]


@endpoints.get("/board", raises=STAFF_ERRORS, **READ)
async def board(context: RequestContext, query: ContractQuery) -> BoardAnswer:
    """合同看板：每个状态的数量与最新 50 份 · the board: the count of each status and its newest fifty cards"""
    view = await contracts_of(context).queries.board(query.to_filter(context), query.search)
    columns = [BoardColumnAnswer(status=c.status, count=c.count, cards=list(c.cards)) for c in view.columns]
    return BoardAnswer(columns=columns, service_expired=view.service_expired, ending_soon=view.ending_soon, at=view.at)


@endpoints.get("/board/{status}", raises=STAFF_ERRORS, **READ)
async def board_column(context: RequestContext, status: ContractStatus, query: ColumnQuery) -> BoardColumnAnswer:
    """看板某一列的后 50 份 · the next fifty cards of one column"""
    wanted = query.to_filter(context)
    column = await contracts_of(context).queries.column(wanted, status, query.search, query.older_than)
    return BoardColumnAnswer(status=column.status, count=column.count, cards=list(column.cards))


@endpoints.get("/owners", raises=STAFF_ERRORS, **READ)
async def owners(context: RequestContext) -> OwnerList:
    """归属人（数据范围内）· the owners of contracts within your data scope"""
    found = await contracts_of(context).queries.owners(scope(context))
    return OwnerList(owners=[Owner(id=staff_id, name=name) for staff_id, name in found.items()])
