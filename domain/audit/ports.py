"""Ports of the audit area."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.audit.model import AuditRecorded, DailyAccesses
from domain.audit.query import AuditFilter
from domain.shared.paging import Page, PageRequest


class AuditReader(Protocol):
    """Rows are written by `DurableFollower.follow` alone. Nothing changes one, and only retention removes one."""

    async def page(self, wanted: AuditFilter, paging: PageRequest) -> Page[AuditRecorded]:
        """Newest first; `total` is exact up to the last row that can be paged to. Raises PageTooDeep, Unavailable."""

    async def find(self, row_id: str) -> AuditRecorded | None: ...

    async def count(self, wanted: AuditFilter, limit: int) -> int: ...

    def stream(self, wanted: AuditFilter, limit: int) -> AsyncIterator[AuditRecorded]:
        """Newest first."""


class AccessCounter(Protocol):
    async def accesses(self, since: datetime, until: datetime) -> Sequence[DailyAccesses]:
        """Reveals and exports of staff in [since, until), counted by person, kind and business day."""


class ExpiredAuditRows(Protocol):
    async def remove_before(self, instant: datetime, most: int) -> int:
        """Removes up to `most` rows that are older; returns their number. Raises Unavailable."""
