"""Routes that find contracts by customer, worker or number; also under the staff mini-program's paths."""

from typing import Annotated

from pydantic import Field

from domain.contracts.board.filter import ContractTotals
from domain.contracts.statuses import ContractStatus
from domain.shared.model import Model
from domain.shared.phone import Phone
from domain.shared.plain_text import cleaned_line
from http_api.core.endpoint import EntityId
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.contracts.common import CONTRACT_ERRORS, READ, ContractNumber, contracts_of, scope
from http_api.routes.contracts.contract_answers import ContractAnswer, ContractDetail, answers, detail
from http_api.routes.contracts.path_aliases import PathAliases
from http_api.routes.contracts.worker_history import WorkerHistory, worker_history

aliases = PathAliases()


class WorkerQuery(Model):
    name: Annotated[str, cleaned_line(50)] = ""
    id_card: Annotated[str, Field(max_length=18, pattern=r"^[0-9Xx*]*$")] = ""
    phone: Annotated[str, Field(max_length=11, pattern=r"^\d*$")] = ""


class ContractsFound(Model):
    contracts: list[ContractAnswer]


class CustomerCheck(Model):
    has_contract: bool
    contract: ContractAnswer | None
    """The newest contract, if it is within your data scope."""
    contract_count: int
    is_signed_contract: bool


@aliases.both("GET", "/statistics", "/statistics", raises=STAFF_ERRORS, **READ)
async def statistics(context: RequestContext) -> ContractTotals:
    """合同统计 · totals by type, this month, this year"""
    return await contracts_of(context).queries.totals(scope(context))


@aliases.both("GET", "/search-by-worker", "/search-worker", raises=STAFF_ERRORS, **READ)
async def search_by_worker(context: RequestContext, query: WorkerQuery) -> ContractsFound:
    """按阿姨查合同 · by the worker's card number, phone or name"""
    found = await contracts_of(context).queries.search_worker(query.name, query.id_card, query.phone, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@aliases.both("GET", "/customer/{customer_id}", "/by-customer/{customer_id}", raises=STAFF_ERRORS, **READ)
async def of_customer(context: RequestContext, customer_id: EntityId) -> ContractsFound:
    """客户的合同 · a customer's contracts, newest first"""
    found = await contracts_of(context).queries.of_customer(customer_id, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@aliases.both("GET", "/worker/{worker_id}", "/by-worker-id/{worker_id}", raises=STAFF_ERRORS, **READ)
async def of_worker(context: RequestContext, worker_id: EntityId) -> ContractsFound:
    """阿姨的合同 · a worker's contracts, newest first"""
    found = await contracts_of(context).queries.of_worker(worker_id, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@aliases.both("GET", "/number/{number}", "/by-number/{number}", raises=CONTRACT_ERRORS, **READ)
async def by_number(context: RequestContext, number: ContractNumber) -> ContractDetail:
    """按合同编号查询 · by our contract number or the provider's"""
    return await detail(context, await contracts_of(context).queries.find_by_number(number, scope(context)))


@aliases.both("GET", "/check-customer/{phone}", "/check-customer/{phone}", raises=STAFF_ERRORS, **READ)
async def check_customer(context: RequestContext, phone: Phone) -> CustomerCheck:
    """客户是否已有合同 · whether this customer has a contract"""
    found = await contracts_of(context).queries.of_customer_phone(phone)
    own = scope(context)
    newest = next((contract for contract in found if own.covers(contract.created_by)), None)
    signed = any(contract.contract_status in (ContractStatus.SIGNED, ContractStatus.ACTIVE) for contract in found)
    return CustomerCheck(
        has_contract=bool(found),
        contract=(await answers(context, [newest]))[0] if newest else None,
        contract_count=len(found),
        is_signed_contract=signed,
    )


@aliases.both("GET", "/history/{phone}", "/history/{phone}", raises=STAFF_ERRORS, **READ)
async def history(context: RequestContext, phone: Phone) -> WorkerHistory:
    """客户换人历史 · the workers that this customer has had"""
    return await worker_history(context, phone)
