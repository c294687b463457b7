"""Ports of the customers area."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Protocol

from domain.customers.customer_query import CustomerCounts, CustomerFilter, CustomerQuery
from domain.customers.dictionaries.model import Dictionary
from domain.customers.follow_ups.model import FollowUp
from domain.customers.model import Customer
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ownership.logs import AssignmentRow, OperationRow, PoolRow
from domain.customers.recycling.model import FallCandidate
from domain.customers.reports.model import PersonFigures
from domain.customers.stages import Standing
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest


class CustomerRepository(Protocol):
    """Does not find deleted customers."""

    async def find(self, entity_id: str) -> Customer | None: ...

    async def find_by_number(self, customer_id: str) -> Customer | None: ...

    async def find_by_phone(self, phone: str) -> Customer | None: ...

    async def find_by_account(self, mini_user_id: str) -> Customer | None: ...

    async def save(self, entity: Customer, events: Sequence[DomainEvent]) -> Customer:
        """Raises Conflict, CustomerPhoneTaken, CustomerWeChatTaken, CustomerAccountTaken, CustomerNumberTaken,
        Unavailable."""


class CustomerList(Protocol):
    async def page(self, query: CustomerQuery, paging: PageRequest) -> Page[Customer]:
        """`total` is exact up to the last row that can be paged to. Raises PageTooDeep, SearchTooBroad."""

    def stream(self, query: CustomerQuery, most: int) -> AsyncIterator[Customer]:
        """The first `most` of all matching customers, read in batches. Raises SearchTooBroad."""

    async def count(self, wanted: CustomerFilter, limit: int) -> int: ...

    def falling(self, before: datetime, owner: str = "") -> AsyncIterator[FallCandidate]:
        """Of the customers, or those of one owner, whose `fall_clock` is not after `before`, in its order."""

    async def of_ids(self, ids: Sequence[str]) -> Sequence[Customer]:
        """In this order, without unknown ones."""

    def idle(self, owner: str, before: datetime) -> AsyncIterator[Customer]:
        """The customers of this owner without activity since `before`, the longest idle first, read as needed."""

    async def counts(self, wanted: CustomerFilter) -> CustomerCounts: ...

    async def of_id_card(self, id_card: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        """(id, people) of the customers with this card, at most a few."""

    async def uses(self, field: str, value: str) -> bool:
        """True when a customer has this value of a dictionary in `field` (its name in documents)."""

    async def to_remind(self, now: datetime, most: int) -> Sequence[str]:
        """Ids of customers whose next follow-up is due and whose owner has not been reminded of it."""

    async def unannounced_breaches(self, limit: datetime, most: int) -> Sequence[str]:
        """Ids of customers that have waited for a first response since before `limit`, without an announcement."""

    async def not_yet_held(self, most: int) -> Sequence[str]:
        """Ids of customers that count as held but have no holding: documents of the former system."""


class Holding(Model):
    """An entry of a staff member's holdings. Its id is newer than every earlier one of the same customer."""

    id: str
    staff_id: str
    customer_id: str


class Holdings(Model):
    """`held`: customers that count against the cap. `claimed`: claims of the day."""

    held: int
    claimed: int


class HoldingStore(Protocol):
    """One document a staff member, so that a condition on it and a change of it are one atomic write."""

    async def reserve(self, holding: Holding) -> None:
        """Adds the entry, whatever the caps say. Raises Unavailable."""

    async def claim(self, holding: Holding, day: date, limits: PoolLimits) -> None:
        """Adds the entry if neither cap is reached. Raises HoldingCapReached, DailyClaimCapReached, Unavailable."""

    async def give_back(self, holding: Holding, day: date) -> None:
        """Removes an entry, and its claim of the day, because its customer was not gained."""

    async def end(self, staff_id: str, holding_ids: Sequence[str]) -> None:
        """Removes entries. Idempotent."""

    async def of(self, staff_id: str, day: date) -> Holdings: ...

    async def unmatched(self, since: datetime, until: datetime) -> Mapping[str, Sequence[str]]:
        """By staff member: entries made in [since, until) that their customer does not name as its holding."""

    async def forget_days_before(self, day: date) -> None:
        """Removes the claims of earlier days."""


class ContractStandings(Protocol):
    async def of_customer(self, customer_id: str) -> Standing:
        """The standing that the customer's contracts give now. Raises Unavailable."""


class ContractParty(Model):
    """A contract as its customer's record needs it: as signed, once it was signed."""

    id: str
    number: str
    owner_id: str
    customer_id: str = ""
    is_training: bool
    service_category: str = ""
    name: str = ""
    phone: str = ""
    id_card_number: str = ""
    address: str = ""
    signed_at: Instant | None = None


class ContractBook(Protocol):
    async def find(self, contract_id: str) -> ContractParty | None: ...

    async def newest_signed(self, customer_id: str) -> ContractParty | None:
        """The one of the customer's contracts that was signed last, whatever happened to it afterwards."""

    async def name_customer(self, contract_id: str, customer_id: str, instead_of: str = "") -> str:
        """For a contract without a customer, or with `instead_of`. Returns the customer that the contract has now;
        empty if it is gone."""


class Assignee(Model):
    id: str
    name: str
    username: str
    role: str


class StaffDirectory(Protocol):
    async def names(self, staff_ids: Sequence[str]) -> Mapping[str, str]:
        """Unknown ids are left out."""

    async def assignee(self, staff_id: str) -> Assignee | None:
        """None unless the staff member may sign in and may see customers."""

    async def assignable(self) -> Sequence[Assignee]:
        """By name."""


class CustomerLogs(Protocol):
    """The former system's logs, newest first."""

    async def assignments(self, customer_id: str, paging: PageRequest) -> Page[AssignmentRow]: ...

    async def pool_moves(self, customer_id: str, paging: PageRequest) -> Page[PoolRow]: ...

    async def operations(self, customer_id: str, paging: PageRequest) -> Page[OperationRow]: ...

    async def follow_ups(self, customer_id: str, paging: PageRequest) -> Page[FollowUp]: ...

    async def pool_moves_of_day(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Numbers by action."""


class CustomerReportStore(Protocol):
    async def figures(self, since: datetime, until: datetime, people: Set[str] | None) -> Sequence[PersonFigures]:
        """Of these people, or of all; people without any figure are left out."""


class DictionaryRepository(Protocol):
    async def all(self) -> Sequence[Dictionary]:
        """Raises Unavailable."""

    async def find_by_code(self, code: str) -> Dictionary | None: ...

    async def save(self, entity: Dictionary, events: Sequence[DomainEvent]) -> Dictionary:
        """Raises Conflict, Unavailable."""
