"""Exports lists as spreadsheets. Every export has an audit row, which the watermark of its file names."""

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.audit.model import audit_of
from domain.audit.watermark import watermark_of
from domain.shared.actor import Actor
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.spreadsheets import Column, Export, ExportTooLarge, Row, Spreadsheets
from domain.shared.text import Language


@dataclass(frozen=True, slots=True)
class ExportedList:
    kind: str
    """The kind of the records in the audit log."""
    title: str
    columns: Sequence[Column]
    rows: AsyncIterable[Row]
    """Read while the file is written."""
    count: int


class RecordedExports:
    def __init__(self, spreadsheets: Spreadsheets, audit: DurableFollower, clock: Clock, ids: IdGenerator) -> None:
        self._spreadsheets = spreadsheets
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def export(
        self,
        exported: ExportedList,
        most_rows: int,
        query: Mapping[str, Any],
        language: Language,
        actor: Actor,
        **details: object,
    ) -> Export:
        """Stores the audit row with the query, the number of rows and the details, before any row is read.

        Raises ExportTooLarge.
        """
        if exported.count > most_rows:
            raise ExportTooLarge(most_rows=most_rows)
        after = {"query": query, "rows": exported.count, **details}
        row = audit_of(self._ids.next_id(), self._clock.now(), actor, (exported.kind, "*"), {}, after)
        await self._audit.follow((row,))
        mark = watermark_of(row, language)
        return Export(row.id, self._spreadsheets.workbook(exported.title, exported.columns, exported.rows, mark))
