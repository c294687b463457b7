"""Contracts for staff in their mini-program: the CRM's use cases under the mini-program's paths."""

from typing import Annotated

from pydantic import Field

from domain.contracts.errors import ContractExists, StepNotAllowed, SuccessorExists, TermsFrozen, UnknownParty
from domain.contracts.listing import ContractTotals
from domain.shared.model import Model
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from domain.users.phone import Phone
from http_api.endpoint import Call, Endpoints, EntityId, Outcome
from http_api.rates import Rate
from http_api.routes.contract_answers import ContractDetail
from http_api.routes.contract_history import WorkerHistory, worker_history
from http_api.routes.contract_parts import (
    CHANGED,
    CREATE,
    EDIT,
    FETCHED,
    ONE,
    STAFF,
    TAG,
    VIEW,
    CreateBody,
    UpdateBody,
    contracts_of,
    scope,
)
from http_api.routes.contract_views import (
    ContractList,
    ContractQuery,
    ContractsFound,
    CreatedAnswer,
    CustomerCheck,
    answers,
    check_customer,
    created,
    detail,
    list_answer,
    request_of,
    terms_of,
)
from http_api.routes.contracts import EXAMPLE, REFUSALS, ChangeWorkerBody, WorkerQuery

endpoints = Endpoints("/api/contracts/miniprogram", tag=TAG)


class Validation(Model):
    valid: bool
    missing: list[str]


@endpoints.get("/list", access=VIEW, rate=Rate.READ, message=FETCHED, raises=(*STAFF, PageTooDeep))
async def list_contracts(call: Call, query: ContractQuery) -> ContractList:
    """合同列表 · the list, within your data scope"""
    return await list_answer(call, query)


@endpoints.get("/statistics", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def statistics(call: Call) -> ContractTotals:
    """合同统计 · totals"""
    return await contracts_of(call).reading.totals(scope(call))


@endpoints.get("/search-worker", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def search_worker(call: Call, query: WorkerQuery) -> ContractsFound:
    """按服务人员查合同 · by the worker"""
    reading = contracts_of(call).reading
    found = await reading.search_worker(query.name, query.id_card, query.phone, scope(call))
    return ContractsFound(contracts=await answers(call, found))


@endpoints.get("/detail/{contract_id}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=ONE)
async def get_contract(call: Call, contract_id: EntityId) -> ContractDetail:
    """合同详情 · one contract"""
    return await detail(call, await contracts_of(call).reading.find(contract_id, scope(call)))


@endpoints.get("/by-number/{number}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=ONE)
async def by_number(call: Call, number: Annotated[str, Field(max_length=40)]) -> ContractDetail:
    """按合同编号查询 · by number"""
    return await detail(call, await contracts_of(call).reading.find_by_number(number, scope(call)))


@endpoints.get("/by-customer/{customer_id}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def of_customer(call: Call, customer_id: EntityId) -> ContractsFound:
    """客户的合同 · a customer's contracts"""
    found = await contracts_of(call).reading.of_customer(customer_id, scope(call))
    return ContractsFound(contracts=await answers(call, found))


@endpoints.get("/by-worker-id/{worker_id}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def of_worker(call: Call, worker_id: EntityId) -> ContractsFound:
    """服务人员的合同 · a worker's contracts"""
    found = await contracts_of(call).reading.of_worker(worker_id, scope(call))
    return ContractsFound(contracts=await answers(call, found))


@endpoints.get("/check-customer/{phone}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def customer_check(call: Call, phone: Phone) -> CustomerCheck:
    """客户是否已有合同 · whether this customer has a contract"""
    return await check_customer(call, phone)


@endpoints.get("/history/{phone}", access=VIEW, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def history(call: Call, phone: Phone) -> WorkerHistory:
    """客户换人历史 · the workers whom this customer has had"""
    return await worker_history(call, phone)


@endpoints.post(
    "/validate",
    access=CREATE,
    rate=Rate.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=(*STAFF, UnknownParty),
    example=EXAMPLE,
)
async def validate(call: Call, body: CreateBody) -> Validation:
    """校验合同信息 · what is still missing for signing"""
    missing = await contracts_of(call).drafting.check(terms_of(body))
    return Validation(valid=not missing, missing=missing)


@endpoints.post(
    "/create",
    access=CREATE,
    rate=Rate.WRITE,
    audit="contract.create",
    message=Text("合同创建成功", "Contract created"),
    raises=(*STAFF, *REFUSALS, ContractExists),
    statuses=(201, 200),
    example=EXAMPLE,
)
async def create(call: Call, body: CreateBody) -> Outcome[CreatedAnswer]:
    """新建合同（不自动发起签署）· create a draft"""
    drafting, request = contracts_of(call).drafting, request_of(call, body)
    done = await drafting.create(terms_of(body), call.staff, call.actor, request, second_order=body.force_create_new)
    return await created(call, done)


@endpoints.post(
    "/change-worker/{original_id}",
    access=EDIT,
    rate=Rate.WRITE,
    audit="contract.change-worker",
    message=Text("换人合同已创建，签署完成后生效", "Created; it takes the old one's place once it is signed"),
    raises=(*ONE, *REFUSALS, StepNotAllowed, SuccessorExists),
    statuses=(201, 200),
    example={"workerName": "钱阿姨", "workerPhone": "13700137000", "workerSalary": 9000},
)
async def change_worker(call: Call, original_id: EntityId, body: ChangeWorkerBody) -> Outcome[CreatedAnswer]:
    """换人 · change the worker"""
    drafting, request = contracts_of(call).drafting, request_of(call, body)
    done = await drafting.change_worker(original_id, body.to_terms(), call.staff, call.actor, request)
    return await created(call, done)


@endpoints.put(
    "/update/{contract_id}",
    access=EDIT,
    rate=Rate.WRITE,
    audit="contract.update",
    message=Text("合同更新成功", "Contract updated"),
    raises=(*CHANGED, TermsFrozen),
    example={"customerAddress": "海淀区中关村大街 1 号", "version": 2},
)
async def update(call: Call, contract_id: EntityId, body: UpdateBody) -> ContractDetail:
    """修改合同 · edit"""
    drafting = contracts_of(call).drafting
    contract = await drafting.update(contract_id, body.to_terms(), body.version, call.staff, call.actor)
    return await detail(call, contract)
