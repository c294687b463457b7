"""The dictionaries in memory, in every app process: read from the store, then kept up to date by the event stream."""

from collections.abc import Sequence

from domain.customers.dictionaries.model import Dictionary, DictionaryCode
from domain.customers.errors import UnknownDictionaryValue
from domain.customers.events import DictionaryChanged
from domain.customers.ports import DictionaryRepository
from domain.shared.events import StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy


class DictionaryTable:
    """Implements `EventConsumer`."""

    def __init__(self, dictionaries: DictionaryRepository) -> None:
        self._dictionaries = dictionaries
        self._by_code: dict[DictionaryCode, Dictionary] = {}
        self._copy = FreshCopy(self._read)

    async def all(self) -> Sequence[Dictionary]:
        """In the order of their codes' declaration. Raises Unavailable."""
        await self._copy.ensure()
        return [self._by_code[code] for code in DictionaryCode if code in self._by_code]

    async def require(self, code: DictionaryCode, value: str, present: str = "") -> None:
        """Raises UnknownDictionaryValue unless `value` is empty, `present` (customers keep what they have), or one of
        the dictionary that is not retired."""
        if value in ("", present):
            return
        if not await self.has(code, value):
            raise UnknownDictionaryValue(dictionary=code, value=value)

    async def has(self, code: DictionaryCode, value: str) -> bool:
        await self._copy.ensure()
        known = self._by_code.get(code)
        return known is not None and value in known.active_values

    def expire(self) -> None:
        self._copy.expire()

    async def _read(self) -> None:
        self._by_code = {each.code: each for each in await self._dictionaries.all()}

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if any(isinstance(entry.event, DictionaryChanged) for entry in entries):
            self._copy.expire()

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()
