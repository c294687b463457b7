"""The system clock, in whole milliseconds."""

from datetime import UTC, datetime

from domain.shared.ports import Clock


class SystemClock(Clock):
    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
