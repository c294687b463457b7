"""In-memory stores of the customers area: they yield before each operation, so that concurrent use cases interleave."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from domain.contracts.events import CustomerFollowUpDue
from domain.customers.behaviour.model import Behaviour
from domain.customers.behaviour.ports import BehaviourRepository
from domain.customers.change_events import CustomerChangeEvents
from domain.customers.contract_customers import ContractCustomers
from domain.customers.customer_by_phone import CustomerByPhone
from domain.customers.errors import CustomerAccountTaken, CustomerPhoneTaken, DailyClaimCapReached, HoldingCapReached
from domain.customers.followers import ContractFollower
from domain.customers.model import Customer
from domain.customers.new_customer import NewCustomers
from domain.customers.ownership.followers import HoldingFollower
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ports import (
    Assignee,
    ContractBook,
    ContractParty,
    CustomerRepository,
    Holding,
    Holdings,
    HoldingStore,
    StaffDirectory,
)
from domain.customers.stages import Standing, overall_standing
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from tests.domain.customers.builders import NOW
from tests.domain.sequential_ids import SequentialIds

Event = TypeVar("Event", bound=DomainEvent)


class MemoryCustomers(CustomerRepository):
    def __init__(self) -> None:
        self.stored: dict[str, Customer] = {}
        self.events: list[DomainEvent] = []

    async def find(self, entity_id: str) -> Customer | None:
        await asyncio.sleep(0)
        found = self.stored.get(entity_id)
        return found if found and found.deleted_at is None else None

    async def find_by_number(self, customer_id: str) -> Customer | None:
        return next((each for each in self.stored.values() if each.customer_id == customer_id), None)

    async def find_by_phone(self, phone: str) -> Customer | None:
        await asyncio.sleep(0)
        return next((each for each in self.stored.values() if each.phone == phone and not each.deleted_at), None)

    async def find_by_account(self, mini_user_id: str) -> Customer | None:
        await asyncio.sleep(0)
        return next((each for each in self.stored.values() if each.mini_user_id == mini_user_id), None)

    async def save(self, entity: Customer, events: Sequence[DomainEvent]) -> Customer:
        await asyncio.sleep(0)
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        if any(each.phone == entity.phone and each.id != entity.id for each in self.stored.values() if each.phone):
            raise CustomerPhoneTaken
        if any(
            each.mini_user_id == entity.mini_user_id != "" and each.id != entity.id for each in self.stored.values()
        ):
            raise CustomerAccountTaken
        self.stored[entity.id] = entity.model_copy(update={"version": entity.next_version})
        self.events += events
        return self.stored[entity.id]

    def events_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


class MemoryHoldings(HoldingStore):
    def __init__(self) -> None:
        self.held: dict[str, dict[str, str]] = defaultdict(dict)
        """By staff member: entry → customer."""
        self.claims: dict[tuple[str, date], set[str]] = defaultdict(set)
        self.most: dict[str, int] = defaultdict(int)
        """By staff member: the most entries that there have been at once."""

    async def reserve(self, holding: Holding) -> None:
        await asyncio.sleep(0)
        self._add(holding)

    async def claim(self, holding: Holding, day: date, limits: PoolLimits) -> None:
        await asyncio.sleep(0)
        claims = self.claims[holding.staff_id, day]
        if len(self.held[holding.staff_id]) >= limits.held:
            raise HoldingCapReached
        if limits.claims_per_day is not None:
            if len(claims) >= limits.claims_per_day:
                raise DailyClaimCapReached
            claims.add(holding.id)
        self._add(holding)

    async def give_back(self, holding: Holding, day: date) -> None:
        await asyncio.sleep(0)
        self.held[holding.staff_id].pop(holding.id, None)
        self.claims[holding.staff_id, day].discard(holding.id)

    async def end(self, staff_id: str, holding_ids: Sequence[str]) -> None:
        await asyncio.sleep(0)
        for holding_id in holding_ids:
            self.held[staff_id].pop(holding_id, None)

    async def of(self, staff_id: str, day: date) -> Holdings:
        return Holdings(held=len(self.held[staff_id]), claimed=len(self.claims[staff_id, day]))

    async def unmatched(self, since: datetime, until: datetime) -> Mapping[str, Sequence[str]]:
        return {}

    async def forget_days_before(self, day: date) -> None:
        return

    def _add(self, holding: Holding) -> None:
        mine = self.held[holding.staff_id]
        mine[holding.id] = holding.customer_id
        self.most[holding.staff_id] = max(self.most[holding.staff_id], len(mine))


class MemoryContracts:
    """`ContractStandings` of contracts that tests move."""

    def __init__(self) -> None:
        self.standings: dict[str, dict[str, Standing]] = defaultdict(dict)
        """By customer: contract → what it stands for."""

    async def of_customer(self, customer_id: str) -> Standing:
        await asyncio.sleep(0)
        return overall_standing(self.standings[customer_id].values())


class MemoryContractBook(ContractBook):
    """`ContractBook` of contracts that tests move."""

    def __init__(self) -> None:
        self.stored: dict[str, ContractParty] = {}

    async def find(self, contract_id: str) -> ContractParty | None:
        await asyncio.sleep(0)
        return self.stored.get(contract_id)

    async def newest_signed(self, customer_id: str) -> ContractParty | None:
        await asyncio.sleep(0)
        signed = [(each.signed_at, each.id) for each in self.stored.values() if each.signed_at]
        of_customer = [each for each in signed if self.stored[each[1]].customer_id == customer_id]
        return self.stored[max(of_customer)[1]] if of_customer else None

    async def name_customer(self, contract_id: str, customer_id: str, instead_of: str = "") -> str:
        await asyncio.sleep(0)
        contract = self.stored[contract_id]
        if contract.customer_id == instead_of:
            self.stored[contract_id] = contract.model_copy(update={"customer_id": customer_id})
        return self.stored[contract_id].customer_id


class FixedClock:
    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class Office:
    """Use cases of customers over stores in memory."""

    def __init__(self) -> None:
        self.customers, self.holdings, self.contracts = MemoryCustomers(), MemoryHoldings(), MemoryContracts()
        self.clock, self.ids = FixedClock(), SequentialIds()
        self.work = CustomerUnitOfWork(
            self.customers, self.holdings, CustomerChangeEvents(self.ids), self.clock, self.ids
        )
        self.book, self.by_phone = MemoryContractBook(), CustomerByPhone(self.work, NewCustomers(self.clock, self.ids))
        self.of_contracts = ContractCustomers(self.work, self.by_phone, self.book)
        self.contract_follower = ContractFollower(self.work, self.contracts, self.of_contracts, self.clock)
        self.holding_follower = HoldingFollower(self.holdings)

    def contracts_changed(self, customer_id: str) -> CustomerFollowUpDue:
        event_id = self.ids.next_id()
        return CustomerFollowUpDue(
            id=event_id,
            at=self.clock.now(),
            key=event_id,
            contract_id="c",
            contract_number="CON1",
            customer_id=customer_id,
            stage="signing",
        )

    def held_by(self, staff_id: str) -> list[str]:
        return sorted(self.holdings.held[staff_id].values())


class MemoryBehaviour(BehaviourRepository):
    def __init__(self) -> None:
        self.stored: dict[str, Behaviour] = {}
        self.events: list[DomainEvent] = []

    async def find(self, entity_id: str) -> Behaviour | None:
        await asyncio.sleep(0)
        return self.stored.get(entity_id)

    async def waiting_of(self, user_id: str) -> Sequence[str]:
        return [each.id for each in self.stored.values() if each.user_id == user_id and not each.customer_id]

    async def save(self, entity: Behaviour, events: Sequence[DomainEvent]) -> Behaviour:
        await asyncio.sleep(0)
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        self.stored[entity.id] = entity.model_copy(update={"version": entity.next_version})
        self.events += events
        return self.stored[entity.id]


class MemoryStaff(StaffDirectory):
    """Each staff member whose id begins with `seller` exists."""

    async def names(self, staff_ids: Sequence[str]) -> Mapping[str, str]:
        return {each: each for each in staff_ids}

    async def assignee(self, staff_id: str) -> Assignee | None:
        known = staff_id.startswith("seller")
        return Assignee(id=staff_id, name=staff_id, username=staff_id, role="employee") if known else None

    async def assignable(self) -> Sequence[Assignee]:
        return []
