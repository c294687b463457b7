"""Removes audit rows that have been kept long enough. Nothing else removes one."""

from datetime import timedelta
from typing import Final

from domain.audit.ports import ExpiredAuditRows
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock

KEPT_DAYS: Final = 400
"""Also of the login log of staff, and of the numbers of refused accesses."""
_EVERY_SECONDS: Final = 3600.0
_LEASE_SECONDS: Final = 600.0
_ROWS_AT_ONCE: Final = 500
"""Keeps each deletion short, so that saves do not wait for it."""


class AuditRetention:
    def __init__(self, rows: ExpiredAuditRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        schedule = Every(_EVERY_SECONDS, at_start=False)
        return (BackgroundJob("audit-retention", schedule, self.run_once, lease_seconds=_LEASE_SECONDS),)

    async def run_once(self) -> None:
        """If it is interrupted, the next round goes on. Raises Unavailable."""
        oldest = self._clock.now() - timedelta(days=KEPT_DAYS)
        while await self._rows.remove_before(oldest, _ROWS_AT_ONCE) == _ROWS_AT_ONCE:
            pass
