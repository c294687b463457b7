"""The port that writes spreadsheet files."""

from collections.abc import AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from domain.shared.model import Model

Cell = str | int | datetime | None
"""Text is written as text, never as a formula. Instants are shown in the agency's time zone."""
Row = Sequence[Cell]


class Column(Model):
    title: str
    width: int = 16


class Spreadsheets(Protocol):
    def workbook(
        self, title: str, columns: Sequence[Column], rows: AsyncIterable[Row]
    ) -> AbstractAsyncContextManager[Path]:
        """A file that exists within the `async with`. Memory use does not grow with the number of rows."""
