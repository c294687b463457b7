"""The figures of this moment, told to every worker."""

import datetime as dt
from typing import ClassVar

from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model


class StatisticsNow(Model):
    """What the live cards show."""

    date: dt.date
    total: int
    today_registered: int
    today_active: int
    today_logins: int
    online: int
    """Staff dashboards connected."""
    at: Instant
    version: int
    """Of two readings the one with the lower version is older."""


class StatisticsChanged(StatisticsNow, DomainEvent):
    """Latest-only: a newer one replaces all before it, and whoever has a newer one drops an older."""

    type: ClassVar[str] = "statistics"
