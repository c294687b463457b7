"""Reads the audit log."""

from domain.audit.model import AuditRecorded
from domain.audit.ports import AuditReader
from domain.audit.query import AuditFilter
from domain.shared.errors import NotFound
from domain.shared.paging import Page, PageRequest
from domain.shared.text import Text


class AuditRowNotFound(NotFound):
    code = "AUDIT_ROW_NOT_FOUND"
    text = Text("操作记录不存在", "No such audit entry")


class AuditLog:
    def __init__(self, rows: AuditReader) -> None:
        self._rows = rows

    async def page(self, wanted: AuditFilter, paging: PageRequest) -> Page[AuditRecorded]:
        """Newest first. Raises PageTooDeep."""
        return await self._rows.page(wanted, paging)

    async def find(self, row_id: str) -> AuditRecorded:
        """Raises AuditRowNotFound."""
        row = await self._rows.find(row_id)
        if row is None:
            raise AuditRowNotFound
        return row
