"""Routes that find customers, and the values and people that forms offer."""

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from domain.customers.customer_query import CustomerFilter, CustomerQuery
from domain.customers.dictionaries.model import DictionaryCode
from domain.customers.errors import SearchTooBroad
from domain.customers.levels import LeadLevel
from domain.customers.queries import customer_scope
from domain.customers.stages import Stage
from domain.shared.masking import mask_phone
from domain.shared.model import Model
from domain.shared.paging import PageRequest
from http_api.core.access import PUBLIC, Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.customers.answers import CustomerAnswer, answer
from http_api.routes.customers.common import CUSTOMER_ERRORS, PREFIX, READ, TAG, customers_of
from http_api.routes.customers.list_query import Searched

endpoints = Endpoints(PREFIX, tag=TAG)

CustomerNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}[0-9]{1,20}$")]


class EnumsAnswer(Model):
    """The values that forms offer, in order; retired ones are left out."""

    lead_sources: list[str]
    service_categories: list[str]
    rest_schedules: list[str]
    education_requirements: list[str]
    contract_statuses: list[str]
    lead_levels: list[str]
    labels_en: dict[str, dict[str, str]]
    """English labels by dictionary and value, of retired values, too. One without a label is shown as it is."""
    versions: dict[str, int]
    """Of the dictionaries; they grow with each edit."""


class SearchQuery(Model):
    """`keyword`: as `search` of the list."""

    keyword: Searched = ""
    limit: int = Field(10, ge=1, le=50)


class CustomerFound(Model):
    """A customer as forms of contracts offer it."""

    id: str
    customer_id: str
    name: str
    phone: str | None
    contract_status: Stage
    service_category: str | None
    address: str | None


class CustomersFound(RootModel[list[CustomerFound]]):
    pass


class StatisticsAnswer(Model):
    """Within your data scope, without the pool."""

    total: int
    by_contract_status: dict[str, int]
    by_lead_source: dict[str, int]
    by_service_category: dict[str, int]
    by_lead_level: dict[str, int]


class AssigneeAnswer(Model):
    id: str
    name: str
    username: str
    role: str


class AssigneeList(RootModel[list[AssigneeAnswer]]):
    """By name."""


@endpoints.get("/enums", access=PUBLIC, rate_limit=RateLimit.READ, message=FETCHED)
async def enums(context: RequestContext) -> EnumsAnswer:
    """客户字典 · the values of enumerated fields"""
    dictionaries = await customers_of(context).dictionaries.all()
    values = {each.code: list(each.active_values) for each in dictionaries}
    return EnumsAnswer(
        lead_sources=values.get(DictionaryCode.LEAD_SOURCE, []),
        service_categories=values.get(DictionaryCode.SERVICE_CATEGORY, []),
        rest_schedules=values.get(DictionaryCode.REST_SCHEDULE, []),
        education_requirements=values.get(DictionaryCode.EDUCATION, []),
        contract_statuses=list(Stage),
        lead_levels=list(LeadLevel),
        labels_en={each.code: {entry.value: entry.label_en for entry in each.entries} for each in dictionaries},
        versions={each.code: each.version for each in dictionaries},
    )


@endpoints.get("/search", raises=(*STAFF_ERRORS, SearchTooBroad), **READ)
async def search(context: RequestContext, query: SearchQuery) -> CustomersFound:
    """快速查找客户（合同表单用）· find customers for a form"""
    if not query.keyword:
        return CustomersFound([])
    wanted = CustomerFilter(scope=customer_scope(context.staff), search=query.keyword)
    paging = PageRequest(page=1, page_size=query.limit)
    page = await customers_of(context).queries.page(CustomerQuery(filter=wanted), paging)
    return CustomersFound(
        [
            CustomerFound(
                id=each.id,
                customer_id=each.customer_id,
                name=each.name,
                phone=mask_phone(each.phone) if each.phone else None,
                contract_status=each.contract_status,
                service_category=each.service_category or None,
                address=each.address or None,
            )
            for each in page.list
        ]
    )


@endpoints.get("/statistics", raises=STAFF_ERRORS, **READ)
async def statistics(context: RequestContext) -> StatisticsAnswer:
    """客户统计 · numbers of customers by status, source, category and level"""
    counts = await customers_of(context).queries.counts(customer_scope(context.staff))
    return StatisticsAnswer(
        total=counts.total,
        by_contract_status=counts.by_stage,
        by_lead_source=counts.by_source,
        by_service_category=counts.by_category,
        by_lead_level=counts.by_level,
    )


@endpoints.get(
    "/assignable-users",
    access=Staff("user:view", "customer:assign"),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def assignable_users(context: RequestContext) -> AssigneeList:
    """可分配的员工 · staff members who can own customers"""
    found = await customers_of(context).ownership.assignable()
    return AssigneeList([AssigneeAnswer(**each.model_dump()) for each in found])


@endpoints.get("/customer-id/{number}", raises=CUSTOMER_ERRORS, **READ)
async def by_number(context: RequestContext, number: CustomerNumber) -> CustomerAnswer:
    """按客户编号查询 · by the customer number"""
    return await answer(context, await customers_of(context).queries.see_by_number(number, context.staff))
