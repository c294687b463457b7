"""The port that writes spreadsheet files."""

from collections.abc import AsyncIterable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from domain.shared.errors import RuleViolated
from domain.shared.model import Model
from domain.shared.text import Language, Text

Cell = str | int | Decimal | date | datetime | None
"""Text is written as text, never as a formula. Decimals are amounts with two places. Instants are shown in the agency's
time zone."""
Row = Sequence[Cell]


class ExportTooLarge(RuleViolated):
    code = "EXPORT_TOO_LARGE"
    text = Text("导出数据过多，请使用筛选条件缩小范围", "Too many rows to export; narrow them down with filters")


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was exported, and the id of the audit row about it."""

    audit_id: str
    workbook: AbstractAsyncContextManager[Path]


class Column(Model):
    title: str
    width: int = 16


def columns_in(language: Language, titled: Iterable[tuple[Text, int]]) -> list[Column]:
    """Columns from their titles and widths."""
    return [Column(title=title.in_language(language), width=width) for title, width in titled]


class Spreadsheets(Protocol):
    def workbook(
        self, title: str, columns: Sequence[Column], rows: AsyncIterable[Row], watermark: str
    ) -> AbstractAsyncContextManager[Path]:
        """A file that exists within the `async with`, with a watermark across its table.

        Memory use does not grow with the number of rows.
        """
