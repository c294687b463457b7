"""The schedule of the state queries that complement the provider's callbacks."""

from datetime import datetime, timedelta

from domain.shared.model import Model


class PollingSchedule(Model):
    """Increasing delays per contract, which start again after each change."""

    delays_seconds: tuple[float, ...] = (30, 60, 120, 300, 600, 1200, 1800)
    sweep_seconds: float = 2.0
    unknown_callbacks_seconds: float = 24 * 3600.0
    """How long a callback about an unknown contract is retried."""

    def next_poll(self, now: datetime, polls: int) -> datetime:
        return now + timedelta(seconds=self.delay(polls))

    def delay(self, polls: int) -> float:
        return self.delays_seconds[min(polls, len(self.delays_seconds) - 1)]
