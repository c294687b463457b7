"""A clock that tests set."""

from datetime import UTC, datetime, timedelta

from domain.shared.ports import Clock


class SettableClock(Clock):
    def __init__(self, now: datetime = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
