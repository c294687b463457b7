"""Administration of dictionaries."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from domain.audit.model import audit_of
from domain.customers.dictionaries.model import FIRST_ENTRIES, OTHER, Dictionary, DictionaryCode, DictionaryEntry
from domain.customers.dictionaries.table import DictionaryTable
from domain.customers.errors import (
    DictionaryNotFound,
    DictionaryValueInUse,
    DictionaryValueRequired,
    DictionaryVersionConflict,
)
from domain.customers.events import DictionaryChanged
from domain.customers.ports import CustomerList, DictionaryRepository
from domain.shared.actor import Actor
from domain.shared.errors import Conflict
from domain.shared.ports import Clock, IdGenerator


class Dictionaries:
    def __init__(
        self,
        repository: DictionaryRepository,
        table: DictionaryTable,
        customers: CustomerList,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._repository = repository
        self._table = table
        self._customers = customers
        self._clock = clock
        self._ids = ids

    async def seed(self) -> None:
        """Stores the dictionaries that are missing, with the values of the former system. Raises Unavailable."""
        stored = {each.code for each in await self._repository.all()}
        for code in DictionaryCode:
            if code not in stored:
                now = self._clock.now()
                first = Dictionary(id=self._ids.next_id(), code=code, entries=FIRST_ENTRIES[code], updated_at=now)
                with suppress(Conflict):  # another app process was first
                    await self._repository.save(first, [])

    async def all(self) -> Sequence[Dictionary]:
        return await self._table.all()

    async def edit(
        self, code: DictionaryCode, entries: Sequence[DictionaryEntry], version: int, actor: Actor
    ) -> Dictionary:
        """Replaces the entries. Values that customers have can be retired, not removed.

        Raises DictionaryNotFound, DictionaryVersionConflict, DictionaryValueInUse, DictionaryValueRequired.
        """
        known = await self._repository.find_by_code(code)
        if known is None:
            raise DictionaryNotFound
        if known.version != version:
            raise DictionaryVersionConflict(version=known.version)
        now = self._clock.now()
        after = known.with_entries(tuple(entries), actor.id, now)
        await self._check(known, after)
        row = audit_of(self._ids.next_id(), now, actor, ("dictionary", code), _shown(known), _shown(after))
        changed = DictionaryChanged(id=self._ids.next_id(), at=now, code=code, version=after.next_version)
        try:
            saved = await self._repository.save(after, [row, changed])
        except Conflict as conflict:
            raise DictionaryVersionConflict from conflict
        self._table.expire()
        return saved

    async def _check(self, before: Dictionary, after: Dictionary) -> None:
        if after.code is DictionaryCode.LEAD_SOURCE and OTHER not in after.active_values:
            raise DictionaryValueRequired(value=OTHER)
        kept = {each.value for each in after.entries}
        removed = [each.value for each in before.entries if each.value not in kept]
        used = [value for value in removed if await self._customers.uses(after.code, value)]
        if used:
            raise DictionaryValueInUse(values=used)


def _shown(dictionary: Dictionary) -> dict[str, Any]:
    return {
        "values": [each.value for each in dictionary.entries if not each.retired],
        "retired": [each.value for each in dictionary.entries if each.retired],
    }
