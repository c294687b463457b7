"""The live statistics, and the event that publishes them to every app process."""

import datetime as dt
from typing import ClassVar

from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model


class LiveStatistics(Model):
    """The values of the live cards on the dashboard."""

    date: dt.date
    total: int
    today_registered: int
    today_active: int
    today_logins: int
    online: int
    """Connected staff dashboards."""
    at: Instant
    version: int
    """A higher version was read later."""


class StatisticsChanged(LiveStatistics, DomainEvent):
    """Latest-only: consumers keep the event with the highest version and ignore older ones."""

    type: ClassVar[str] = "statistics"
