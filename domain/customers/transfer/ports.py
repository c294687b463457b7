"""Ports of automatic transfer."""

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from domain.customers.model import Customer
from domain.customers.transfer.model import RuleUsage, TransferRule
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.scope import Scope


class TransferRuleRepository(Protocol):
    """Does not find deleted rules, nor those of modules that are not served."""

    async def find(self, entity_id: str) -> TransferRule | None: ...

    async def all(self) -> Sequence[TransferRule]:
        """In the order of their creation. Raises Unavailable."""

    async def save(self, entity: TransferRule, events: Sequence[DomainEvent]) -> TransferRule:
        """Raises Conflict, Unavailable."""


class LeadSnapshot(Model):
    """The lead as it was before the transfer."""

    customer_number: str = ""
    name: str = ""
    contract_status: str = ""
    inactive_hours: int = 0
    last_activity_at: Instant | None = None
    created_at: Instant | None = None


class TransferRecord(Model):
    id: str
    rule_id: str
    customer_id: str
    from_user_id: str
    to_user_id: str
    snapshot: LeadSnapshot = LeadSnapshot()
    status: Literal["success", "failed"] = "success"
    error_message: str = ""
    transferred_at: Instant


class RecordFilter(Model):
    """`scope`: of those who gave or got the lead. An empty value does not filter."""

    scope: Scope
    rule_id: str = ""
    user_id: str = ""
    customer_id: str = ""
    status: Literal["", "success", "failed"] = ""
    since: Instant | None = None
    until: Instant | None = None


class TransferFigures(Model):
    total: int
    success: int
    failed: int
    by_user: Mapping[str, RuleUsage]
    """Successful transfers only."""


class TransferRecords(Protocol):
    """The records of transfers; successful ones are written by a durable follower of `CustomerTransferred`."""

    async def add(self, record: TransferRecord) -> None:
        """Of a transfer that failed."""

    async def usage(self, rule_id: str) -> Mapping[str, RuleUsage]:
        """By person: the successful transfers of the rule."""

    async def page(self, wanted: RecordFilter, paging: PageRequest) -> Page[TransferRecord]:
        """Newest first. Raises PageTooDeep."""

    async def figures(self, wanted: RecordFilter) -> TransferFigures: ...


class IdleLeads(Protocol):
    def idle(self, owner: str, before: datetime) -> AsyncIterable[Customer]:
        """The customers of this owner without activity since `before`, the longest idle first, read as needed."""
