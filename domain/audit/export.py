"""Exports the operation log as a spreadsheet."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from domain.audit.model import AuditRecorded
from domain.audit.ports import AuditReader
from domain.audit.query import AuditFilter
from domain.audit.recorded_exports import ExportedList, RecordedExports
from domain.shared.actor import Actor
from domain.shared.spreadsheets import Export, Row, columns_in
from domain.shared.text import Language, Text

MAX_ROWS: Final = 50_000
_TITLE: Final = Text("操作日志", "Operation log")
_COLUMNS: Final = (
    (Text("时间", "Time"), 20),
    (Text("操作人", "By"), 12),
    (Text("操作人ID", "Person's ID"), 26),
    (Text("操作", "Action"), 26),
    (Text("对象", "Record"), 18),
    (Text("对象ID", "Record's ID"), 26),
    (Text("修改前", "Before"), 40),
    (Text("修改后", "After"), 40),
    (Text("原因", "Reason"), 20),
    (Text("IP 地址", "IP address"), 16),
    (Text("浏览器标识", "User agent"), 30),
    (Text("请求编号", "Request ID"), 20),
    (Text("记录编号", "Entry ID"), 26),
)
_LONGEST_CELL: Final = 32_000
"""Spreadsheets allow 32,767 characters."""


class AuditExport:
    def __init__(self, rows: AuditReader, exports: RecordedExports) -> None:
        self._rows = rows
        self._exports = exports

    async def workbook(self, wanted: AuditFilter, language: Language, actor: Actor) -> Export:
        """All matching rows, newest first. The audit row of the export is written first. Raises ExportTooLarge."""
        exported = ExportedList(
            kind="audit",
            title=_TITLE.in_language(language),
            columns=columns_in(language, _COLUMNS),
            rows=self._cells(wanted),
            count=await self._rows.count(wanted, MAX_ROWS + 1),
        )
        query = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return await self._exports.export(exported, MAX_ROWS, query, language, actor)

    async def _cells(self, wanted: AuditFilter) -> AsyncIterator[Row]:
        async for row in self._rows.stream(wanted, MAX_ROWS):
            yield _row(row)


def _row(row: AuditRecorded) -> Row:
    by = row.actor
    return (
        *(row.at, by.name, by.id, row.action, row.target_kind, row.target_id),
        *(_text(row.before), _text(row.after), row.reason, by.address, by.user_agent, by.request_id, row.id),
    )


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)[:_LONGEST_CELL] if values else ""
