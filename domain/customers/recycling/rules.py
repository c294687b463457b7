"""The pool rules in every app process, and their administration."""

from collections.abc import Sequence
from typing import Final

from domain.audit.model import audit_of
from domain.customers.errors import PoolRulesVersionConflict
from domain.customers.events import PoolRulesChanged
from domain.customers.recycling.model import PoolRule, PoolRules
from domain.customers.recycling.ports import PoolRuleRepository
from domain.shared.actor import Actor
from domain.shared.errors import Conflict
from domain.shared.events import StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy
from domain.shared.ports import Clock, IdGenerator

AUDIT_TARGET: Final = "pool-rules"


class PoolRuleTable:
    """Keeps a copy in memory, up to date by the event stream. Implements `EventConsumer`."""

    def __init__(self, repository: PoolRuleRepository, clock: Clock, ids: IdGenerator) -> None:
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._rules: PoolRules | None = None
        self._copy = FreshCopy(self._read)

    async def current(self) -> PoolRules:
        """Version 0 and disabled until they are first set. Raises Unavailable."""
        await self._copy.ensure()
        return self._rules or self._first()

    async def edit(
        self, enabled: bool, rules: Sequence[PoolRule], keep_limit: int, version: int, actor: Actor
    ) -> PoolRules:
        """Raises PoolRulesVersionConflict."""
        before = await self._repository.current() or self._first()
        if version != before.version:
            raise PoolRulesVersionConflict(version=before.version)
        now = self._clock.now()
        after = before.replaced(now, actor.id, enabled=enabled, rules=tuple(rules), keep_limit=keep_limit)
        target = (AUDIT_TARGET, before.id)
        row = audit_of(self._ids.next_id(), now, actor, target, before.snapshot(), after.snapshot())
        changed = PoolRulesChanged(id=self._ids.next_id(), at=now, version=after.next_version)
        try:
            saved = await self._repository.save(after, [row, changed])
        except Conflict as conflict:
            raise PoolRulesVersionConflict from conflict
        self._copy.expire()
        return saved

    async def _read(self) -> None:
        self._rules = await self._repository.current()

    def _first(self) -> PoolRules:
        return PoolRules(id=self._ids.next_id(), updated_at=self._clock.now())

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if any(isinstance(entry.event, PoolRulesChanged) for entry in entries):
            self._copy.expire()

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()
