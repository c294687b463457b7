"""Administration of the rules of automatic transfer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.audit.model import AuditRecorded, audit_of
from domain.customers.errors import TransferRuleNotFound, TransferRuleVersionConflict, UnknownAssignee
from domain.customers.ports import StaffDirectory
from domain.customers.queries import customer_scope
from domain.customers.transfer.model import TransferRule
from domain.customers.transfer.ports import TransferRuleRepository
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Conflict, PermissionDenied
from domain.shared.ports import Clock, IdGenerator

AUDIT_TARGET: Final = "lead-transfer-rule"
RuleValues = Mapping[str, Any]
"""Fields of `TransferRule` by name."""


class TransferRules:
    """Administers the rules. A manager of a department may change those that concern its staff only."""

    def __init__(self, rules: TransferRuleRepository, staff: StaffDirectory, clock: Clock, ids: IdGenerator) -> None:
        self._rules = rules
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def all(self) -> Sequence[TransferRule]:
        return await self._rules.all()

    async def find(self, rule_id: str) -> TransferRule:
        """Raises TransferRuleNotFound."""
        rule = await self._rules.find(rule_id)
        if rule is None:
            raise TransferRuleNotFound
        return rule

    async def create(self, values: RuleValues, by: StaffAuthority, actor: Actor) -> TransferRule:
        """Raises UnknownAssignee, PermissionDenied."""
        now = self._clock.now()
        rule = TransferRule(
            **values, id=self._ids.next_id(), created_by=by.id, updated_by=by.id, created_at=now, updated_at=now
        )
        require_within_scope(rule, by)
        await self._require_staff({*rule.sources, *rule.targets})
        return await self._rules.save(rule, [self._row(actor, rule.id, {}, rule.snapshot())])

    async def edit(
        self, rule_id: str, values: RuleValues, version: int | None, by: StaffAuthority, actor: Actor
    ) -> TransferRule:
        """Counts of leads given and got stay. Raises TransferRuleNotFound, TransferRuleVersionConflict,
        UnknownAssignee, PermissionDenied."""
        before = await self._own(rule_id, by, version)
        after = before.edited(self._clock.now(), by.id, **values)
        if after is before:
            return before
        require_within_scope(after, by)
        await self._require_staff({*after.sources, *after.targets} - {*before.sources, *before.targets})
        return await self._save(before, after, actor)

    async def toggle(self, rule_id: str, enabled: bool | None, by: StaffAuthority, actor: Actor) -> TransferRule:
        """None: the other state. Raises TransferRuleNotFound, TransferRuleVersionConflict, PermissionDenied."""
        before = await self._own(rule_id, by, None)
        after = before.edited(self._clock.now(), by.id, enabled=not before.enabled if enabled is None else enabled)
        return before if after is before else await self._save(before, after, actor)

    async def delete(self, rule_id: str, by: StaffAuthority, actor: Actor) -> None:
        """Its records stay. Raises TransferRuleNotFound, TransferRuleVersionConflict, PermissionDenied."""
        before = await self._own(rule_id, by, None)
        await self._save(before, before.deleted(self._clock.now(), by.id), actor)

    async def _own(self, rule_id: str, by: StaffAuthority, version: int | None) -> TransferRule:
        rule = await self.find(rule_id)
        require_within_scope(rule, by)
        if version is not None and version != rule.version:
            raise TransferRuleVersionConflict(version=rule.version)
        return rule

    async def _save(self, before: TransferRule, after: TransferRule, actor: Actor) -> TransferRule:
        shown: dict[str, Any] = {} if after.deleted_at else after.snapshot()
        try:
            return await self._rules.save(after, [self._row(actor, after.id, before.snapshot(), shown)])
        except Conflict as conflict:
            raise TransferRuleVersionConflict from conflict

    async def _require_staff(self, staff_ids: set[str]) -> None:
        """People who have left since stay in a rule, and are skipped."""
        known = {each.id for each in await self._staff.assignable()} if staff_ids else set()
        if unknown := sorted(staff_ids - known):
            raise UnknownAssignee(user_ids=unknown)

    def _row(self, actor: Actor, rule_id: str, before: RuleValues, after: RuleValues) -> AuditRecorded:
        return audit_of(self._ids.next_id(), self._clock.now(), actor, (AUDIT_TARGET, rule_id), before, after)


def require_within_scope(rule: TransferRule, by: StaffAuthority) -> None:
    """Raises PermissionDenied when the rule concerns people outside of the data scope."""
    if not is_within_scope(rule, by):
        raise PermissionDenied


def is_within_scope(rule: TransferRule, by: StaffAuthority) -> bool:
    people = customer_scope(by).people
    return people is None or people.issuperset((*rule.sources, *rule.targets))
