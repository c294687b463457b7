"""Customers as answers show them: fields of legacy clients, personal numbers masked, little of a foreign customer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pydantic import Field

from domain.customers.allowed_actions import CustomerAction, allowed_actions
from domain.customers.levels import LeadLevel
from domain.customers.model import Customer, FollowUpStatus, LeadStatus
from domain.customers.queries import SeenCustomer, customer_scope
from domain.customers.recycling.service import Countdown
from domain.customers.stages import Stage
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import Day
from domain.shared.masking import mask_home_address, mask_id, mask_phone
from domain.shared.model import Instant, Model
from domain.shared.money import YuanOutput
from domain.shared.paging import Page
from http_api.core.request_context import RequestContext
from http_api.routes.customers.common import customers_of


class CustomerAnswer(Model):
    """Unknown values are null. `withinScope` false: a customer of the pool, shown without demand texts and remarks."""

    document_id: str = Field(alias="_id")
    id: str
    customer_id: str
    name: str
    phone: str | None
    wechat_id: str | None
    id_card_number: str | None
    lead_source: str
    contract_status: Stage
    lead_level: LeadLevel
    lead_status: LeadStatus
    follow_up_status: FollowUpStatus | None
    service_category: str | None
    salary_budget: int | None
    expected_start_date: Day | None
    expected_delivery_date: Day | None
    service_days: int | None
    home_area: int | None
    family_size: int | None
    rest_schedule: str | None
    address: str | None
    area: str | None
    age_requirement: str | None
    gender_requirement: str | None
    origin_requirement: str | None
    education_requirement: str | None
    deal_amount: YuanOutput | None
    remarks: str | None
    need_order_type: str | None
    need_salary: str | None
    need_rest_time: str | None
    need_onboarding_time: str | None
    need_house_area: str | None
    need_family_members: str | None
    need_service_address: str | None
    need_working_hours: str | None
    need_work_content: str | None
    need_remarks: str | None
    need_service_period: str | None
    mini_user_id: str | None
    created_by: str
    created_by_name: str | None
    assigned_to: str | None
    assigned_to_name: str | None
    assigned_by: str | None
    assigned_at: Instant | None
    assignment_reason: str | None
    in_public_pool: bool
    public_pool_entry_time: Instant | None
    public_pool_entry_reason: str | None
    claim_count: int
    released_by: str | None
    released_at: Instant | None
    last_follow_up_by: str | None
    last_follow_up_time: Instant | None
    next_follow_up_at: Instant | None
    last_activity_at: Instant
    auto_transfer_enabled: bool
    transfer_count: int
    last_transferred_at: Instant | None
    is_frozen: bool
    frozen_at: Instant | None
    frozen_by: str | None
    frozen_reason: str | None
    last_updated_by: str | None
    created_at: Instant
    updated_at: Instant
    version: int
    within_scope: bool
    falls_at: Instant | None
    """The time when it falls into the pool, unless there is a follow-up before."""
    keep_count: int
    keeps_left: int
    next_stages: list[Stage]
    """The stages that people may set now."""
    actions: list[CustomerAction]
    """The actions that the caller may take now; caps are not considered."""
    possible_duplicates: tuple[str, ...] = ()
    """In a detail: ids of customers with the same identity card, or with the phone of this one's contract."""

    @classmethod
    def of(
        cls, seen: SeenCustomer, by: StaffAuthority, names: Mapping[str, str], countdown: Countdown
    ) -> "CustomerAnswer":
        customer = seen.customer
        values = {name: getattr(customer, name) or None for name in _TEXTS}
        shown = {**customer.model_dump(include=_COPIED), **values, **_masked(customer)}
        if not seen.within_scope:
            shown |= {**dict.fromkeys(_ONLY_WITHIN_SCOPE), "address": mask_home_address(customer.address) or None}
        actions = allowed_actions(customer, seen.within_scope, by, countdown.keeps_left)
        return cls(
            **shown,
            document_id=customer.id,
            deal_amount=customer.deal_amount_fen if seen.within_scope else None,
            lead_level=customer.lead_level,
            lead_status=customer.lead_status,
            follow_up_status=customer.follow_up_status,
            created_by_name=names.get(customer.created_by),
            assigned_to_name=names.get(customer.assigned_to),
            version=max(1, customer.version),
            within_scope=seen.within_scope,
            falls_at=countdown.falls_at,
            keeps_left=countdown.keeps_left,
            next_stages=customer.next_stages if "edit" in actions else [],
            actions=list(actions),
            possible_duplicates=seen.possible_duplicates,
        )


class CustomerPage(Page[CustomerAnswer]):
    """`total` is exact up to 10,000, the last row that can be paged to."""


async def answer(context: RequestContext, seen: SeenCustomer) -> CustomerAnswer:
    return (await _answers(context, [seen]))[0]


async def changed_answer(context: RequestContext, customer: Customer) -> CustomerAnswer:
    """Of a customer that the caller has just changed."""
    return await answer(context, _seen(customer, context.staff))


async def page_answer(context: RequestContext, page: Page[Customer]) -> CustomerPage:
    shown = await _answers(context, [_seen(customer, context.staff) for customer in page.list])
    return CustomerPage.of(shown, page.total, page)


async def _answers(context: RequestContext, seen: Sequence[SeenCustomer]) -> list[CustomerAnswer]:
    names = await customers_of(context).queries.staff_names(_people(each.customer for each in seen))
    countdowns = await customers_of(context).recycling.countdowns(each.customer for each in seen)
    return [CustomerAnswer.of(each, context.staff, names, countdowns[each.customer.id]) for each in seen]


def _seen(customer: Customer, by: StaffAuthority) -> SeenCustomer:
    return SeenCustomer(customer=customer, within_scope=customer_scope(by).covers(*customer.people))


def _people(customers: Iterable[Customer]) -> set[str]:
    return {person for customer in customers for person in customer.people}


def _masked(customer: Customer) -> dict[str, str | None]:
    return {
        "phone": mask_phone(customer.phone) if customer.phone else None,
        "wechat_id": mask_id(customer.wechat_id) if customer.wechat_id else None,
        "id_card_number": mask_id(customer.id_card_number) if customer.id_card_number else None,
    }


_ONLY_WITHIN_SCOPE: Final = (
    *("id_card_number", "remarks", "need_service_address", "need_work_content", "need_remarks", "need_family_members"),
    *("need_onboarding_time", "assignment_reason", "mini_user_id"),
)
_NOT_COPIED: Final = {
    *("document_id", "deal_amount", "lead_level", "lead_status", "follow_up_status", "created_by_name"),
    *(
        "assigned_to_name",
        "version",
        "within_scope",
        "falls_at",
        "keeps_left",
        "next_stages",
        "actions",
        "possible_duplicates",
    ),
}
_COPIED: Final = set(CustomerAnswer.model_fields) - _NOT_COPIED
_TEXTS: Final = {name for name in _COPIED if CustomerAnswer.model_fields[name].annotation == str | None}
