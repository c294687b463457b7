"""Runs of automatic transfer: by the hour, by hand, and predicted. All three use one plan."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.audit.model import AuditRecorded, audit_of
from domain.customers.change_events import card_of
from domain.customers.errors import LeadHasMoved, TransferRuleNotFound
from domain.customers.events import CustomerTransferred
from domain.customers.model import Customer
from domain.customers.ports import Assignee, StaffDirectory
from domain.customers.runs import RunLog, ScheduledRun
from domain.customers.transfer.model import RuleUsage, TransferRule, hour_of
from domain.customers.transfer.plan import PlannedTransfer, idle_before, is_due, plan
from domain.customers.transfer.ports import (
    IdleLeads,
    LeadSnapshot,
    TransferRecord,
    TransferRecords,
    TransferRuleRepository,
)
from domain.customers.transfer.rules import AUDIT_TARGET, is_within_scope, require_within_scope
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock, DurableFollower, IdGenerator

log = logging.getLogger("business.customers")

BATCH: Final = 100
"""The most leads that a scheduled run of a rule moves."""
LARGEST_RUN: Final = 1_000
"""The most leads that a run by hand moves."""
_INTERVAL_SECONDS: Final = 20.0
_LEASE_SECONDS: Final = 120.0
_GRACE: Final = timedelta(minutes=10)
"""A run whose process died, or that no process could begin at the full hour, is made up for within this time."""
_TRANSFER: Final = SYSTEM.model_copy(update={"action": "customer.auto-transfer"})


class RunResult(Model):
    rule_id: str
    rule_name: str
    transferred: int
    failed: int


class Prediction(Model):
    """`planned`: the transfers of the run at `at`, if nothing changes before. `at` None: no run is scheduled."""

    rule: TransferRule
    at: datetime | None
    planned: tuple[PlannedTransfer, ...]


class TransferRuns:
    def __init__(
        self,
        rules: TransferRuleRepository,
        leads: IdleLeads,
        records: TransferRecords,
        customers: CustomerUnitOfWork,
        staff: StaffDirectory,
        runs: RunLog,
        audit: DurableFollower,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._rules = rules
        self._leads = leads
        self._records = records
        self._customers = customers
        self._staff = staff
        self._runs = runs
        self._audit = audit
        self._clock = clock
        self._ids = ids

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        """The time of the last run is stored, so a round of a process that has just started knows what is due; a
        calendar schedule would wait for the next hour."""
        return (BackgroundJob("lead-transfer", Every(_INTERVAL_SECONDS), self.run_due, _LEASE_SECONDS),)

    async def run_due(self) -> None:
        """Each enabled rule once an hour, at the full hour, within its window."""
        slot = hour_of(self._clock.now())
        if self._clock.now() - slot > _GRACE:
            return
        for rule in await self._rules.all():
            if not rule.runs_at(slot) or await self._is_done(rule, slot):
                continue
            result = await self._run(rule, slot, BATCH)
            await self._finish(rule, result, slot)

    async def execute(self, rule_id: str | None, most: int, by: StaffAuthority, actor: Actor) -> Sequence[RunResult]:
        """Runs one rule, or all enabled ones within the data scope, now, whatever their window; an audit row for each.

        `most` below 1: all leads, up to LARGEST_RUN. Raises TransferRuleNotFound, PermissionDenied."""
        if rule_id:
            rules = [await self._find(rule_id)]
            require_within_scope(rules[0], by)
        else:
            rules = [each for each in await self._rules.all() if each.enabled and is_within_scope(each, by)]
        limit = LARGEST_RUN if most < 1 else min(most, LARGEST_RUN)
        results = []
        for rule in rules:
            result = await self._run(rule, self._clock.now(), limit)
            await self._finish(rule, result)
            await self._audit.follow([self._row(result, actor)])
            results.append(result)
        return results

    async def predict(self, rule_id: str) -> Prediction:
        """The next scheduled run. Raises TransferRuleNotFound."""
        rule = await self._find(rule_id)
        at = self.next_run(rule)
        planned = await self._plan(rule, at, BATCH) if at else ()
        return Prediction(rule=rule, at=at, planned=tuple(planned))

    async def usage(self, rule: TransferRule) -> Mapping[str, RuleUsage]:
        """By person of the rule, and by people who belonged to it before."""
        return await self._records.usage(rule.id)

    async def last_run(self, rule: TransferRule) -> ScheduledRun | None:
        return await self._runs.last(_work(rule))

    def next_run(self, rule: TransferRule) -> datetime | None:
        return rule.next_run(self._clock.now())

    async def _find(self, rule_id: str) -> TransferRule:
        rule = await self._rules.find(rule_id)
        if rule is None:
            raise TransferRuleNotFound
        return rule

    async def _plan(self, rule: TransferRule, at: datetime, most: int) -> Sequence[PlannedTransfer]:
        idle = [each for owner in rule.sources for each in await self._due(rule, owner, at, most)]
        usage = await self._records.usage(rule.id) if rule.distribution_config.enable_compensation else {}
        return plan(rule, idle, _ids(await self._staff.assignable()), usage, at, most)

    async def _due(self, rule: TransferRule, owner: str, at: datetime, most: int) -> Sequence[Customer]:
        """The `most` leads of an owner that are due and idle longest: a plan needs no more."""
        due: list[Customer] = []
        async for customer in self._leads.idle(owner, idle_before(rule, at)):
            if len(due) == most:
                break
            if is_due(rule, customer, at):
                due.append(customer)
        return due

    async def _run(self, rule: TransferRule, at: datetime, most: int) -> RunResult:
        transferred = failed = 0
        for planned in await self._plan(rule, at, most):
            try:
                await self._transfer(rule, planned, at)
                transferred += 1
            except DomainError as error:  # the other leads go on
                failed += 1
                await self._records.add(self._failure(rule, planned, error))
        if transferred or failed:
            counts = {"rule": rule.id, "transferred": transferred, "failed": failed}
            log.info("lead_transfer.run", extra=counts)
        return RunResult(rule_id=rule.id, rule_name=rule.rule_name, transferred=transferred, failed=failed)

    async def _transfer(self, rule: TransferRule, planned: PlannedTransfer, at: datetime) -> None:
        reason = f"自动流转：{rule.rule_name}"

        def decide(customer: Customer, now: datetime) -> Customer:
            if customer.assigned_to != planned.from_user_id or not is_due(rule, customer, at):
                raise LeadHasMoved
            return customer.transferred(planned.to_user_id, _TRANSFER.id, reason, now)

        def record(customer: Customer) -> Sequence[DomainEvent]:
            return [self._transferred(rule, planned, customer)]

        await self._customers.change(planned.customer.id, decide, _TRANSFER, reason=reason, also=record)

    def _transferred(self, rule: TransferRule, planned: PlannedTransfer, customer: Customer) -> CustomerTransferred:
        return CustomerTransferred(
            id=self._ids.next_id(),
            at=self._clock.now(),
            card=card_of(customer, customer.next_version),
            actor=_TRANSFER.ref(),
            rule_id=rule.id,
            rule_name=rule.rule_name,
            former_owner_id=planned.from_user_id,
            inactive_since=planned.customer.last_activity_at,
            customer_created_at=customer.created_at,
        )

    def _failure(self, rule: TransferRule, planned: PlannedTransfer, error: DomainError) -> TransferRecord:
        customer, now = planned.customer, self._clock.now()
        return TransferRecord(
            id=self._ids.next_id(),
            rule_id=rule.id,
            customer_id=customer.id,
            from_user_id=planned.from_user_id,
            to_user_id=planned.to_user_id,
            snapshot=LeadSnapshot(
                customer_number=customer.customer_id,
                name=customer.name,
                contract_status=customer.contract_status,
                inactive_hours=(now - customer.last_activity_at) // timedelta(hours=1),
                last_activity_at=customer.last_activity_at,
                created_at=customer.created_at,
            ),
            status="failed",
            error_message=error.text.zh,
            transferred_at=now,
        )

    def _row(self, result: RunResult, actor: Actor) -> AuditRecorded:
        counts = {"transferred": result.transferred, "failed": result.failed}
        target = (AUDIT_TARGET, result.rule_id)
        return audit_of(self._ids.next_id(), self._clock.now(), actor, target, {}, counts)

    async def _is_done(self, rule: TransferRule, slot: datetime) -> bool:
        last = await self._runs.last(_work(rule))
        return last is not None and last.slot is not None and last.slot >= slot

    async def _finish(self, rule: TransferRule, result: RunResult, slot: datetime | None = None) -> None:
        run = ScheduledRun(slot=slot, at=self._clock.now(), moved=result.transferred, failed=result.failed)
        await self._runs.finished(_work(rule), run)


def _work(rule: TransferRule) -> str:
    return f"lead-transfer:{rule.id}"


def _ids(people: Sequence[Assignee]) -> list[str]:
    return [each.id for each in people]
