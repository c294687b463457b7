"""Automatic transfer over stores in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.customers.events import CustomerTransferred
from domain.customers.model import Customer
from domain.customers.ports import Assignee
from domain.customers.runs import ScheduledRun
from domain.customers.transfer.model import RuleUsage, TransferRule, TriggerConditions, quota_users
from domain.customers.transfer.ports import RecordFilter, TransferFigures, TransferRecord, TransferRecords
from domain.customers.transfer.runs import TransferRuns
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from tests.domain.customers.builders import NOW
from tests.domain.customers.memory import Office


def a_rule(**fields: Any) -> TransferRule:
    """From `li` to `wang` and `zhao`, enabled long ago."""
    conditions = fields.pop("conditions", {})
    values = {
        "id": f"{7:024x}",
        "rule_name": "48 小时未跟进",
        "enabled": True,
        "trigger_conditions": TriggerConditions(**conditions),
        "user_quotas": quota_users(("li",), ("wang", "zhao")),
        "created_at": NOW.replace(year=2025),
        "updated_at": NOW.replace(year=2025),
        **fields,
    }
    return TransferRule(**values)


class MemoryStaff:
    """`StaffDirectory` of people who may leave."""

    def __init__(self, *people: str) -> None:
        self.active = {*people}

    async def names(self, staff_ids: Sequence[str]) -> Mapping[str, str]:
        return {each: each for each in staff_ids}

    async def assignee(self, staff_id: str) -> Assignee | None:
        return _assignee(staff_id) if staff_id in self.active else None

    async def assignable(self) -> Sequence[Assignee]:
        return [_assignee(each) for each in sorted(self.active)]


class MemoryRules:
    def __init__(self, *rules: TransferRule) -> None:
        self.stored = {each.id: each for each in rules}

    async def find(self, entity_id: str) -> TransferRule | None:
        return self.stored.get(entity_id)

    async def all(self) -> Sequence[TransferRule]:
        return list(self.stored.values())

    async def save(self, entity: TransferRule, events: Sequence[DomainEvent]) -> TransferRule:
        self.stored[entity.id] = entity
        return entity


class MemoryRecords(TransferRecords):
    """Successful transfers are read from the events."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.failures: list[TransferRecord] = []

    async def add(self, record: TransferRecord) -> None:
        self.failures.append(record)

    async def usage(self, rule_id: str) -> Mapping[str, RuleUsage]:
        done = self._office.customers.events_of(CustomerTransferred)
        moved = [(each.former_owner_id, each.card.owner_id) for each in done if each.rule_id == rule_id]
        people = {person for pair in moved for person in pair}
        return {
            each: RuleUsage(
                transferred_out=sum(owner == each for owner, _ in moved),
                transferred_in=sum(owner == each for _, owner in moved),
            )
            for each in people
        }

    async def page(self, wanted: RecordFilter, paging: PageRequest) -> Page[TransferRecord]:
        raise NotImplementedError

    async def figures(self, wanted: RecordFilter) -> TransferFigures:
        raise NotImplementedError


class MemoryRuns:
    def __init__(self) -> None:
        self.last_runs: dict[str, ScheduledRun] = {}

    async def last(self, work: str) -> ScheduledRun | None:
        return self.last_runs.get(work)

    async def finished(self, work: str, run: ScheduledRun) -> None:
        known = self.last_runs.get(work)
        self.last_runs[work] = run.model_copy(update={"slot": run.slot or (known and known.slot)})


class MemoryLeads:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def idle(self, owner: str, before: datetime) -> AsyncIterator[Customer]:
        mine = [each for each in self._office.customers.stored.values() if each.assigned_to == owner]
        for each in sorted(mine, key=lambda each: (each.last_activity_at, each.id)):
            if each.last_activity_at <= before:
                yield each


class NoAudit:
    async def follow(self, events: Sequence[DomainEvent]) -> None:
        return


class TransferOffice(Office):
    def __init__(self, *rules: TransferRule, people: Sequence[str] = ("li", "wang", "zhao")) -> None:
        super().__init__()
        self.rules, self.records, self.runs = MemoryRules(*rules), MemoryRecords(self), MemoryRuns()
        self.staff, self.auditor = MemoryStaff(*people), NoAudit()
        self.transfer = self.a_process()

    def a_process(self) -> TransferRuns:
        """The service as a process that has just started has it."""
        return TransferRuns(
            self.rules,
            MemoryLeads(self),
            self.records,
            self.work,
            self.staff,
            self.runs,
            self.auditor,
            self.clock,
            self.ids,
        )

    def owners(self) -> dict[str, str]:
        return {each.id: each.assigned_to for each in self.customers.stored.values()}


def _assignee(staff_id: str) -> Assignee:
    return Assignee(id=staff_id, name=staff_id, username=staff_id, role="employee")
