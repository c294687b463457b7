"""Generated cases (person, contract, operation) over REST, search, export and sockets: nothing leaks or is missing.

`SCOPE_CASES` sets how many cases there are, `SCOPE_SEED` which.
"""

import asyncio
import io
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import openpyxl
import pytest
import socketio

from domain.shared.authority import Role
from tests.app_process import Answer
from tests.contract_api import ContractApi, StaffMember, housekeeping_form
from tests.waiting import eventually

CASES: Final = int(os.environ.get("SCOPE_CASES", "2000"))
SEED: Final = int(os.environ.get("SCOPE_SEED", "1"))
CASES_BETWEEN_HANDOVERS: Final = 50


@dataclass
class Person:
    id: str
    token: str
    role: Role
    department: str
    socket: socketio.AsyncClient = field(default_factory=lambda: socketio.AsyncClient(reconnection=False))
    pushed: set[tuple[str, int]] = field(default_factory=set)
    """Contracts and versions of pushes."""

    def may_see(self, owner: "Person") -> bool:
        """The rule in other words than the product's."""
        if self.role in (Role.ADMIN, Role.OPERATOR) or self is owner:
            return True
        return self.role is Role.MANAGER and self.department in ("", owner.department)


@dataclass
class Record:
    id: str
    number: str
    phone: str
    owner: Person


Way = Callable[[Person, Record], Awaitable[bool]]


@dataclass
class Office:
    api: ContractApi
    admin: StaffMember
    people: list[Person]
    records: list[Record]
    edits: int = 0
    written_since_handover: list[tuple[Record, int]] = field(default_factory=list)

    async def get(self, person: Person, path: str, **query: str) -> Answer:
        return await self.api.call("GET", f"/api{path}", token=person.token, query=query)

    async def detail(self, person: Person, record: Record) -> bool:
        return (await self.get(person, f"/contracts/{record.id}")).status == 200

    async def by_number(self, person: Person, record: Record) -> bool:
        return (await self.get(person, f"/contracts/number/{record.number}")).status == 200

    async def progress(self, person: Person, record: Record) -> bool:
        return (await self.get(person, f"/contracts/{record.id}/signers-status")).status != 404

    async def listed(self, person: Person, record: Record) -> bool:
        answer = await self.get(person, "/contracts", limit="100")
        return record.id in {each["id"] for each in answer.data["contracts"]}

    async def searched(self, person: Person, record: Record) -> bool:
        answer = await self.get(person, "/contracts", search=record.phone)
        return record.id in {each["id"] for each in answer.data["contracts"]}

    async def found_among_all_areas(self, person: Person, record: Record) -> bool:
        async def groups() -> list[Any] | None:
            """None while an area does not answer in time on a busy machine."""
            found = (await self.get(person, "/search", q=record.phone)).data["groups"]
            return None if any(each["problem"] for each in found) else found

        return record.id in {hit["id"] for group in await eventually(groups) for hit in group["hits"]}

    async def on_board(self, person: Person, record: Record) -> bool:
        return record.id in str((await self.get(person, "/contracts/board")).data)

    async def counted(self, person: Person, record: Record) -> bool:
        """The number in the figures is that of the contracts that are visible."""
        total = (await self.get(person, "/contracts/statistics")).data["total"]
        visible = sum(person.may_see(each.owner) for each in self.records)
        assert total == visible
        return person.may_see(record.owner)

    async def exported(self, person: Person, record: Record) -> bool:
        answer = await self.get(person, "/contracts/export", search=record.phone)
        table = openpyxl.load_workbook(io.BytesIO(answer.body), read_only=True).worksheets[0]
        return record.number in {row[0] for row in table.iter_rows(values_only=True)}

    async def revealed(self, person: Person, record: Record) -> bool:
        body = {"fields": ["customerPhone"]}
        answer = await self.api.call("POST", f"/api/contracts/{record.id}/reveal", body, person.token)
        return answer.status == 200

    async def written(self, person: Person, record: Record) -> bool:
        """Also a push, which `require_pushes` looks for."""
        self.edits += 1  # another value each time, so that each edit is a change
        body = {"workerSalary": 5_000 + self.edits}
        answer = await self.api.call("PUT", f"/api/contracts/{record.id}", body, person.token)
        if answer.status == 200:
            self.written_since_handover.append((record, (await self.api.contract(record.id)).version))
        return answer.status == 200

    async def require_pushes(self) -> None:
        """The pushes of all edits have reached those who may see the contracts, and no others."""
        written, self.written_since_handover = self.written_since_handover, []
        for person in self.people:
            due = {(record.id, version) for record, version in written if person.may_see(record.owner)}
            await eventually(partial(due.issubset, person.pushed), 10)
        for person in self.people:
            hidden = {(record.id, version) for record, version in written if not person.may_see(record.owner)}
            assert not hidden & person.pushed, person.role

    async def hand_over(self, record: Record, owner: Person) -> None:
        body = {"assignedTo": owner.id}
        answer = await self.admin.call("PATCH", f"/contracts/{record.id}/assign", body)
        assert answer.status == 200, answer.body
        record.owner = owner


async def hired_people(api: ContractApi, admin: StaffMember) -> list[Person]:
    """A person of each role, managers and employees with and without a department."""
    departments = [
        (await admin.call("POST", "/departments", {"name": name})).data["id"] for name in ("月嫂部", "育儿嫂部")
    ]
    roles = [
        *((Role.ADMIN, ""), (Role.OPERATOR, departments[0]), (Role.MANAGER, ""), (Role.MANAGER, departments[0])),
        *((Role.MANAGER, departments[1]), (Role.DISPATCH, departments[0]), (Role.EMPLOYEE, departments[0])),
        *((Role.EMPLOYEE, departments[1]), (Role.EMPLOYEE, "")),
    ]
    return [Person(*await api.stores.hired(role, department=each), role, each) for role, each in roles]


async def _office(api: ContractApi, admin: StaffMember) -> Office:
    people = await hired_people(api, admin)
    records = []
    for number, owner in enumerate(people, start=1):
        form = housekeeping_form(number)
        answer = await api.call("POST", "/api/contracts/miniprogram/create", form, owner.token)
        assert answer.status == 201, answer.body
        contract = await api.contract(answer.data["id"])
        records.append(Record(contract.id, contract.contract_number, form["customerPhone"], owner))
    return Office(api, admin, people, records)


@pytest.fixture
async def office(api: ContractApi, admin: StaffMember) -> AsyncIterator[Office]:
    office = await _office(api, admin)
    for person in office.people:

        async def changed(push: dict[str, Any], *_: Any, person: Person = person) -> None:
            person.pushed.add((push["contractId"], push["version"]))

        person.socket.on("contractChanged", changed, namespace="/contracts")
        auth = {"token": person.token}
        await person.socket.connect(api.url, auth=auth, namespaces=["/contracts"], transports=["websocket"])
    yield office
    await asyncio.gather(*(person.socket.shutdown() for person in office.people))


async def test_no_way_shows_a_contract_outside_of_the_scope_and_every_way_shows_one_within(office: Office) -> None:
    chosen = random.Random(SEED)
    ways: list[Way] = [
        *(office.detail, office.by_number, office.progress, office.listed, office.searched, office.on_board),
        *(office.counted, office.exported, office.revealed, office.written, office.found_among_all_areas),
    ]
    wrong = []

    async def check(person: Person, record: Record, way: Way) -> None:
        if await way(person, record) != person.may_see(record.owner):
            wrong.append((person.role, person.department, way.__name__, record.owner.role, record.owner.department))

    for start in range(0, CASES, CASES_BETWEEN_HANDOVERS):
        cases = range(start, min(CASES, start + CASES_BETWEEN_HANDOVERS))
        await asyncio.gather(
            *(check(chosen.choice(office.people), chosen.choice(office.records), chosen.choice(ways)) for _ in cases)
        )
        await office.require_pushes()
        await office.hand_over(chosen.choice(office.records), chosen.choice(office.people))

    assert wrong == []
