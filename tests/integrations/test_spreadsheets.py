"""Spreadsheets: written files can be read, and are removed afterwards."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zipfile import ZipFile

import openpyxl

from domain.shared.spreadsheets import Column, Row
from integrations.spreadsheets import ROWS_PER_BATCH, XlsxSpreadsheets

MARK = "王芳 导出 & 审计编号 1"
COLUMNS = (Column(title="名称", width=20), Column(title="次数"), Column(title="时间"))


async def rows(count: int) -> AsyncIterator[Row]:
    for number in range(count):
        yield (f"=1+{number}", number, datetime(2026, 5, 1, 16, 30, tzinfo=UTC) if number % 2 else None)


async def test_text_is_never_a_formula_and_instants_are_local() -> None:
    async with XlsxSpreadsheets().workbook("用户", COLUMNS, rows(2), MARK) as path:
        sheet = openpyxl.load_workbook(path)["用户"]

        assert [cell.value for cell in sheet[1]] == ["名称", "次数", "时间"]
        assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B3"].value) == ("=1+0", "s", 1)
        assert sheet["C2"].value is None
        assert sheet["C3"].value == datetime(2026, 5, 2, 0, 30)  # noqa: DTZ001  # spreadsheets have no time zones
    assert not path.exists()


async def test_days_and_amounts_are_shown_as_such() -> None:
    async def one() -> AsyncIterator[Row]:
        yield date(2026, 5, 1), Decimal("8800.50"), "@SUM(1)"

    async with XlsxSpreadsheets().workbook("合同", COLUMNS, one(), MARK) as path:
        sheet = openpyxl.load_workbook(path)["合同"]

        assert (sheet["A2"].value, sheet["A2"].number_format) == (datetime(2026, 5, 1), "yyyy-mm-dd")  # noqa: DTZ001
        assert (sheet["B2"].value, sheet["B2"].number_format) == (8800.5, "#,##0.00")
        assert (sheet["C2"].value, sheet["C2"].data_type) == ("@SUM(1)", "s")


async def test_rows_are_written_in_batches_without_loss() -> None:
    async with XlsxSpreadsheets().workbook(
        "用户", COLUMNS, rows(ROWS_PER_BATCH * 2 + 7), "王芳 导出 & 审计编号 1"
    ) as path:
        assert openpyxl.load_workbook(path)["用户"].max_row == ROWS_PER_BATCH * 2 + 8


async def test_a_table_without_rows_has_its_column_titles() -> None:
    async with XlsxSpreadsheets().workbook("用户", COLUMNS, rows(0), MARK) as path:
        assert openpyxl.load_workbook(path)["用户"].max_row == 1


async def test_the_watermark_floats_above_the_table_and_is_printed() -> None:
    async with XlsxSpreadsheets().workbook("用户", COLUMNS, rows(40), MARK) as path:
        book = ZipFile(path)
        assert book.read("xl/drawings/drawing1.xml").decode().count("审计编号 1") == 2
        assert "审计编号 1" in book.read("xl/worksheets/sheet1.xml").decode()
