"""Writes spreadsheets as xlsx files, row by row with constant memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from domain.shared.business_day import BUSINESS_ZONE
from domain.shared.spreadsheets import Column, Row

ROWS_PER_BATCH = 500
_ROWS_BETWEEN_MARKS = 30
_MARKED_ROWS = 3_000
_MARK = {
    "width": 900,
    "height": 60,
    "font": {"size": 20, "color": "#BFBFBF"},
    "fill": {"none": True},
    "line": {"none": True},
    "object_position": 3,
    "decorative": True,
}
"""The watermark as a text that floats above the cells, which keep their places and values."""


class XlsxSpreadsheets:
    """Rows are read on the event loop and written in a thread, in batches."""

    @asynccontextmanager
    async def workbook(
        self, title: str, columns: Sequence[Column], rows: AsyncIterable[Row], watermark: str
    ) -> AsyncIterator[Path]:
        with tempfile.TemporaryDirectory(prefix="export-") as directory:
            path = Path(directory) / "table.xlsx"
            table = await asyncio.to_thread(_Table, path, title, columns, watermark)
            batch: list[Row] = []
            async for row in rows:
                batch.append(row)
                if len(batch) == ROWS_PER_BATCH:
                    await asyncio.to_thread(table.write, batch)
                    batch = []
            await asyncio.to_thread(table.finish, batch)
            yield path


class _Table:
    def __init__(self, path: Path, title: str, columns: Sequence[Column], watermark: str) -> None:
        import xlsxwriter  # with the first export: it takes time, and a start should not

        options = {"constant_memory": True, "tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(title[:31])
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, column.width)
            self._sheet.write_string(0, number, column.title, bold)
        self._watermark = watermark
        # In print and in the properties, too; `&` begins a command there.
        self._sheet.set_footer("&C" + watermark.replace("&", "&&"))
        self._book.set_properties({"comments": watermark})
        self._next = 1

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            for number, cell in enumerate(row):
                if isinstance(cell, datetime):
                    local = cell.astimezone(BUSINESS_ZONE).replace(tzinfo=None, microsecond=0)
                    self._sheet.write_datetime(self._next, number, local, self._instant)
                elif isinstance(cell, date):
                    self._sheet.write_datetime(self._next, number, cell, self._day)
                elif isinstance(cell, Decimal):
                    self._sheet.write_number(self._next, number, cell, self._amount)
                elif isinstance(cell, int):
                    self._sheet.write_number(self._next, number, cell)
                elif cell:
                    self._sheet.write_string(self._next, number, cell)
            self._next += 1

    def finish(self, rows: Sequence[Row]) -> None:
        self.write(rows)
        for row in range(2, min(max(self._next, 3), _MARKED_ROWS), _ROWS_BETWEEN_MARKS):
            self._sheet.insert_textbox(row, 1, self._watermark, _MARK)
        self._book.close()
