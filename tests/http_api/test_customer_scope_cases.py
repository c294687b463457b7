"""Generated cases (person, customer, operation) over REST, search and sockets: nothing leaks or is missing.

`SCOPE_CASES` sets how many cases there are (a quarter of them here), `SCOPE_SEED` which.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest

from domain.shared.authority import Role
from tests.app_process import Answer
from tests.contract_api import ContractApi, StaffMember
from tests.http_api.routes.customers.customer_api import customer_form
from tests.http_api.test_scope_cases import CASES, CASES_BETWEEN_HANDOVERS, SEED, Person, hired_people
from tests.waiting import eventually

NAMESPACE: Final = "/customers"


@dataclass
class Customer:
    id: str
    number: str
    phone: str
    creator: Person
    owner: Person | None
    """None: in the pool."""

    def belongs_to_scope_of(self, person: Person) -> bool:
        """The rule in other words than the product's."""
        if person.role in (Role.ADMIN, Role.OPERATOR, Role.DISPATCH):
            return True
        people = [self.creator, *([self.owner] if self.owner else [])]
        if person.role is Role.MANAGER:
            return any(person.department in ("", each.department) or person is each for each in people)
        return person in people

    def is_visible_to(self, person: Person) -> bool:
        return self.owner is None or self.belongs_to_scope_of(person)


Way = Callable[[Person, Customer], Awaitable[bool]]


@dataclass
class Office:
    api: ContractApi
    admin: StaffMember
    people: list[Person]
    customers: list[Customer]
    edits: int = 0
    written_since_change: list[tuple[Customer, int]] = field(default_factory=list)

    async def call(self, person: Person, method: str, path: str, body: object = None, **query: str) -> Answer:
        return await self.api.call(method, f"/api/customers{path}", body, person.token, query)

    # Ways for those whose scope the customer belongs to.

    async def revealed(self, person: Person, customer: Customer) -> bool:
        answer = await self.call(person, "POST", f"/{customer.id}/reveal", {"fields": ["phone"]})
        return answer.status == 200 and answer.data["phone"] == customer.phone

    async def logged(self, person: Person, customer: Customer) -> bool:
        return (await self.call(person, "GET", f"/{customer.id}/assignment-logs")).status == 200

    async def followed(self, person: Person, customer: Customer) -> bool:
        return (await self.call(person, "GET", f"/{customer.id}/follow-ups")).status == 200

    async def on_a_timeline(self, person: Person, customer: Customer) -> bool:
        return (await self.call(person, "GET", f"/{customer.id}/timeline")).status == 200

    async def written(self, person: Person, customer: Customer) -> bool:
        """Also a push, which `require_pushes` looks for."""
        self.edits += 1  # another value each time, so that each edit is a change
        answer = await self.call(person, "PATCH", f"/{customer.id}", {"remarks": f"第 {self.edits} 次"})
        if answer.status == 200:
            self.written_since_change.append((customer, answer.data["version"]))
        return answer.status == 200

    # Ways that show customers of the pool to all staff, in part.

    async def detail(self, person: Person, customer: Customer) -> bool:
        return await self._is_seen(person, customer, f"/{customer.id}")

    async def by_number(self, person: Person, customer: Customer) -> bool:
        return await self._is_seen(person, customer, f"/customer-id/{customer.number}")

    async def _is_seen(self, person: Person, customer: Customer, path: str) -> bool:
        answer = await self.call(person, "GET", path)
        if answer.status == 200:
            assert customer.phone not in str(answer.body)
            assert answer.data["withinScope"] == customer.belongs_to_scope_of(person)
        return answer.status == 200

    # Ways that never show the pool.

    async def listed(self, person: Person, customer: Customer) -> bool:
        answer = await self.call(person, "GET", "", pageSize="100")
        return customer.id in {each["id"] for each in answer.data["list"]}

    async def searched(self, person: Person, customer: Customer) -> bool:
        answer = await self.call(person, "GET", "", search=customer.phone)
        return customer.id in {each["id"] for each in answer.data["list"]}

    async def found_for_a_form(self, person: Person, customer: Customer) -> bool:
        answer = await self.call(person, "GET", "/search", keyword=customer.phone)
        return customer.id in {each["id"] for each in answer.data}

    async def counted(self, person: Person, customer: Customer) -> bool:
        """The number in the figures is that of the customers that are listed."""
        total = (await self.call(person, "GET", "/statistics")).data["total"]
        assert total == sum(each.owner is not None and each.belongs_to_scope_of(person) for each in self.customers)
        return customer.owner is not None and customer.belongs_to_scope_of(person)

    async def pooled(self, person: Person, customer: Customer) -> bool:
        answer = await self.call(person, "GET", "/public-pool", search=customer.phone)
        assert customer.phone not in str(answer.body)
        return customer.id not in {each["id"] for each in answer.data["list"]}

    def expected(self, way: Way, person: Person, customer: Customer) -> bool:
        if way in (self.detail, self.by_number):
            return customer.is_visible_to(person)
        if way == self.pooled:
            return customer.owner is not None
        inside = customer.belongs_to_scope_of(person)
        if way in (self.revealed, self.logged, self.followed, self.on_a_timeline, self.written):
            return inside
        return inside and customer.owner is not None

    # Between the batches.

    async def require_pushes(self) -> None:
        """The pushes of all edits have reached those who may see the customers, and no others."""
        written, self.written_since_change = self.written_since_change, []
        for person in self.people:
            due = {(customer.id, version) for customer, version in written if customer.is_visible_to(person)}
            await eventually(partial(due.issubset, person.pushed), 15)
        for person in self.people:
            hidden = {(customer.id, version) for customer, version in written if not customer.is_visible_to(person)}
            assert not hidden & person.pushed, person.role

    async def move(self, customer: Customer, to: Person | None) -> None:
        """To another owner, or into the pool."""
        if to is None and customer.owner is not None:
            answer = await self.admin.call("POST", f"/customers/{customer.id}/release-to-pool", {"reason": "流转"})
        elif to is not None:
            answer = await self.admin.call("PATCH", f"/customers/{customer.id}/assign", {"assignedTo": to.id})
        else:
            return
        assert answer.status == 200, answer.body
        customer.owner = to


@pytest.fixture
async def office(api: ContractApi, admin: StaffMember) -> AsyncIterator[Office]:
    hired = await hired_people(api, admin)
    office = Office(api, admin, hired, [])
    for number, owner in enumerate(office.people, start=1):
        form = customer_form(number)
        created = (await office.call(owner, "POST", "", form)).data
        office.customers.append(Customer(created["id"], created["customerId"], form["phone"], owner, owner))
    for person in office.people:

        async def changed(push: dict[str, Any], *_: Any, person: Person = person) -> None:
            person.pushed.add((push["customerId"], push["version"]))

        person.socket.on("customerChanged", changed, namespace=NAMESPACE)
        auth = {"token": person.token}
        await person.socket.connect(api.url, auth=auth, namespaces=[NAMESPACE], transports=["websocket"])
    yield office
    await asyncio.gather(*(person.socket.shutdown() for person in office.people))


async def test_no_way_shows_a_customer_outside_of_the_scope_and_every_way_shows_one_within(office: Office) -> None:
    chosen = random.Random(SEED)
    ways: list[Way] = [
        *(office.revealed, office.logged, office.followed, office.on_a_timeline, office.written),
        *(office.detail, office.by_number),
        *(office.listed, office.searched, office.found_for_a_form, office.counted, office.pooled),
    ]
    wrong = []

    async def check(person: Person, customer: Customer, way: Way) -> None:
        if await way(person, customer) != office.expected(way, person, customer):
            owner = customer.owner.role if customer.owner else "pool"
            wrong.append((person.role, person.department, way.__name__, customer.creator.role, owner))

    for _ in range(CASES // 4 // CASES_BETWEEN_HANDOVERS):
        await asyncio.gather(
            *(
                check(chosen.choice(office.people), chosen.choice(office.customers), chosen.choice(ways))
                for _ in range(CASES_BETWEEN_HANDOVERS)
            )
        )
        await office.require_pushes()
        await office.move(chosen.choice(office.customers), chosen.choice([*office.people, None, None, None]))

    assert wrong == []
