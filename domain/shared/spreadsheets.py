"""The port that writes spreadsheet files."""

from collections.abc import AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from domain.shared.errors import RuleViolated
from domain.shared.model import Model
from domain.shared.text import Text

Cell = str | int | Decimal | date | datetime | None
"""Text is written as text, never as a formula. Decimals are amounts with two places. Instants are shown in the agency's
time zone."""
Row = Sequence[Cell]


class ExportTooLarge(RuleViolated):
    code = "EXPORT_TOO_LARGE"
    text = Text("导出数据过多，请使用筛选条件缩小范围", "Too many rows to export; narrow them down with filters")


class Column(Model):
    title: str
    width: int = 16


class Spreadsheets(Protocol):
    def workbook(
        self, title: str, columns: Sequence[Column], rows: AsyncIterable[Row]
    ) -> AbstractAsyncContextManager[Path]:
        """A file that exists within the `async with`. Memory use does not grow with the number of rows."""
