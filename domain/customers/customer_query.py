"""The query of customer lists: filters, search and order."""

from enum import StrEnum

from domain.customers.levels import LeadLevel
from domain.customers.model import FollowUpStatus, LeadStatus
from domain.customers.stages import Stage
from domain.shared.model import Instant, Model
from domain.shared.scope import Scope


class SortField(StrEnum):
    CREATED = "createdAt"
    UPDATED = "updatedAt"
    ASSIGNED = "assignedAt"
    ACTIVITY = "lastActivityAt"
    POOL_ENTRY = "publicPoolEntryTime"
    FOLLOW_UP_DUE = "followUpDueAt"
    RESPONSE_AWAITED = "responseAwaitedSince"


class CustomerFilter(Model):
    """An empty value does not filter. `search`, `name`, `phone`: whole terms, see `search_terms`."""

    scope: Scope
    """Ignored for the pool, which all staff who may see customers see."""
    pool: bool = False
    search: str = ""
    name: str = ""
    phone: str = ""
    lead_source: str = ""
    service_category: str = ""
    contract_status: Stage | None = None
    lead_level: LeadLevel | None = None
    lead_status: LeadStatus | None = None
    follow_up_status: FollowUpStatus | None = None
    owner_id: str = ""
    with_lost: bool = False
    """Also lost customers, which are shown only to those who ask or search for them."""
    created_from: Instant | None = None
    created_until: Instant | None = None
    assigned_from: Instant | None = None
    assigned_until: Instant | None = None
    active_until: Instant | None = None
    """Without activity since then."""

    due: bool = False
    """Only customers with a planned follow-up, between these instants."""
    due_from: Instant | None = None
    due_until: Instant | None = None
    awaits_response: bool = False
    """Only customers that wait for a first response, since between these instants."""
    awaited_from: Instant | None = None
    awaited_until: Instant | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.search, self.name, self.phone)))

    @property
    def hides_lost(self) -> bool:
        asked = self.with_lost or self.contract_status is Stage.LOST or self.lead_level is LeadLevel.LOST
        return not (self.pool or asked or self.terms)


class CustomerQuery(Model):
    filter: CustomerFilter
    sort: SortField = SortField.CREATED
    descending: bool = True


class CustomerCounts(Model):
    """Numbers of customers by value; a value without customers is absent."""

    total: int
    by_stage: dict[str, int]
    by_source: dict[str, int]
    by_category: dict[str, int]
    by_level: dict[str, int]
