"""Spreadsheets in memory: the titles of the columns and the rows."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from domain.shared.spreadsheets import Column, Row, Spreadsheets


@dataclass
class MemorySpreadsheets(Spreadsheets):
    titles: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    watermark: str = ""

    @asynccontextmanager
    async def workbook(
        self, title: str, columns: Sequence[Column], rows: AsyncIterable[Row], watermark: str
    ) -> AsyncIterator[Path]:
        self.watermark = watermark
        self.titles = [column.title for column in columns]
        self.rows = [row async for row in rows]
        yield Path(title)
