"""The query of customer lists."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.customers.customer_query import CustomerFilter, CustomerQuery, SortField
from domain.customers.levels import LeadLevel
from domain.customers.model import FollowUpStatus, LeadStatus
from domain.customers.stages import Stage
from domain.shared.business_day import start_of_day
from domain.shared.model import Model
from domain.shared.plain_text import cleaned_line
from domain.shared.scope import EVERYTHING, Scope
from http_api.core.dates import InputDay
from http_api.core.page_query import PageQuery

Searched = Annotated[str, cleaned_line(64)]
Chosen = Annotated[str, cleaned_line(30)]
OptionalId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")]


class CustomerFilters(Model):
    """`search`: part of the name or its pinyin, the whole phone or its last 4 to 8 digits, the WeChat id or the number.

    Lost customers are shown only when they are asked or searched for. Days are those of the agency, both included.
    """

    search: Searched = ""
    name: Searched = ""
    phone: Searched = ""
    lead_source: Chosen = ""
    service_category: Chosen = ""
    contract_status: Stage | None = None
    lead_level: LeadLevel | None = None
    lead_status: LeadStatus | None = None
    follow_up_status: FollowUpStatus | None = None
    assigned_to: OptionalId = ""
    created_from: InputDay | None = None
    created_until: InputDay | None = None
    assigned_from: InputDay | None = None
    assigned_until: InputDay | None = None

    def to_filter(self, scope: Scope, pool: bool = False) -> CustomerFilter:
        return CustomerFilter(
            scope=scope,
            pool=pool,
            search=self.search,
            name=self.name,
            phone=self.phone,
            lead_source=self.lead_source,
            service_category=self.service_category,
            contract_status=self.contract_status,
            lead_level=self.lead_level,
            lead_status=self.lead_status,
            follow_up_status=self.follow_up_status,
            owner_id=self.assigned_to,
            created_from=start_of(self.created_from),
            created_until=end_of(self.created_until),
            assigned_from=start_of(self.assigned_from),
            assigned_until=end_of(self.assigned_until),
        )


class PagedFilters(PageQuery, CustomerFilters):
    sort_order: Literal["asc", "desc"] = "desc"

    def sorted_by(self, field: str, wanted: CustomerFilter) -> CustomerQuery:
        return CustomerQuery(filter=wanted, sort=SortField(field), descending=self.sort_order == "desc")


class CustomerListQuery(PagedFilters):
    sort_by: Literal["createdAt", "updatedAt", "assignedAt", "lastActivityAt"] = "createdAt"

    def to_query(self, scope: Scope) -> CustomerQuery:
        return self.sorted_by(self.sort_by, self.to_filter(scope))


class PoolQuery(PagedFilters):
    sort_by: Literal["publicPoolEntryTime", "createdAt", "updatedAt", "lastActivityAt"] = "publicPoolEntryTime"

    def to_query(self) -> CustomerQuery:
        return self.sorted_by(self.sort_by, self.to_filter(EVERYTHING, pool=True))


def start_of(day: date | None) -> datetime | None:
    return start_of_day(day) if day else None


def end_of(day: date | None) -> datetime | None:
    return start_of_day(day + timedelta(days=1)) if day else None
