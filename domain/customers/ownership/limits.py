"""Caps of claims from the pool, and of customers that a staff member holds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True)
class PoolLimits:
    held: int = 50
    """Unsigned customers that a staff member may hold; claims stop there, assignments do not."""
    claims_per_day: int | None = 20
    """None: the change is no claim of the staff member, and is not counted."""
    reclaim_after: timedelta = timedelta(hours=24)
    """The time within which the releaser of a customer cannot claim it."""


USUAL_LIMITS: Final = PoolLimits()
