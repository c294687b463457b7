"""The rule of first responses (首次响应): the deadline for the owner of a customer that others have assigned."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.shared.working_time import WorkingCalendar


@dataclass(frozen=True)
class ResponseRule:
    calendar: WorkingCalendar
    allowed: timedelta = timedelta(minutes=30)
    """Of working time."""

    def due_at(self, awaited_since: datetime) -> datetime:
        return self.calendar.after(awaited_since, self.allowed)

    def breached_before(self, now: datetime) -> datetime:
        """Responses that have been awaited since before this instant are overdue."""
        return self.calendar.before(now, self.allowed)

    def time_left(self, awaited_since: datetime, now: datetime) -> timedelta:
        """Working time; negative when the response is overdue."""
        return self.allowed - self.calendar.between(awaited_since, now)
