"""Pool rules (公海规则): the days without a follow-up after which a customer falls into the pool. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final, Protocol, Self, TypeVar

from domain.customers.fields import Line
from domain.customers.levels import LeadLevel
from domain.customers.model import Customer
from domain.shared.business_day import business_day, start_of_day
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model

RUN_TIME: Final = time(8)
"""Customers fall once a day, before people begin to work."""
_DAY: Final = timedelta(days=1)


class MayFall(Protocol):
    """The values of a customer that decide when it falls."""

    @property
    def id(self) -> str: ...

    @property
    def lead_level(self) -> LeadLevel: ...

    @property
    def lead_source(self) -> str: ...

    @property
    def fall_clock(self) -> datetime | None: ...


C = TypeVar("C", bound=MayFall)


class FallCandidate(Model):
    """A customer as the plan of a run needs it: there may be thousands."""

    id: str
    lead_level: LeadLevel
    lead_source: str = ""
    fall_clock: Instant
    assigned_to: str = ""
    people: tuple[str, ...] = ()


class PoolRule(Model):
    """For customers of a level and a source; an empty value fits all. `days` None: they do not fall."""

    lead_level: LeadLevel | None = None
    lead_source: Line = ""
    days: int | None = None

    def fits(self, customer: MayFall) -> bool:
        return self.lead_level in (None, customer.lead_level) and self.lead_source in ("", customer.lead_source)


class PoolRules(Entity):
    """The first rule that fits a customer decides. The only document of its collection."""

    enabled: bool = False
    rules: tuple[PoolRule, ...] = (PoolRule(days=7),)
    keep_limit: int = 2
    """How often an owner can keep a customer from falling."""
    updated_by: str = ""
    updated_at: Instant

    @property
    def fewest_days(self) -> int | None:
        """None: no customer falls."""
        return min((rule.days for rule in self.rules if rule.days is not None), default=None)

    def due_at(self, customer: MayFall) -> datetime | None:
        """When the customer has been without a follow-up for too long; None: never."""
        rule = next((rule for rule in self.rules if rule.fits(customer)), None)
        clock = customer.fall_clock
        return clock + timedelta(days=rule.days) if clock and rule and rule.days is not None else None

    def falls_at(self, customer: MayFall, now: datetime) -> datetime | None:
        """The daily run that will move it to the pool; None: none will."""
        due = self.due_at(customer)
        return run_at_or_after(max(due, now)) if due and self.enabled else None

    def keeps_left(self, customer: Customer) -> int:
        may_fall = self.enabled and self.due_at(customer) is not None
        return max(0, self.keep_limit - customer.keep_count) if may_fall else 0

    def replaced(self, now: datetime, by: str, **fields: Any) -> Self:
        return self.model_copy(update={**fields, "updated_at": now, "updated_by": by})

    def snapshot(self) -> dict[str, Any]:
        """The values that an audit row shows."""
        return self.model_dump(mode="json", by_alias=True, include={"enabled", "rules", "keep_limit"})


def falling(rules: PoolRules, customers: Iterable[C], at: datetime) -> Sequence[C]:
    """The customers that fall in the run at this time: longest overdue first. The dry run and the run use it."""
    due = [(due_at, each.id, each) for each in customers if (due_at := rules.due_at(each)) and due_at <= at]
    return [each for _, _, each in sorted(due, key=lambda entry: entry[:2])]


def run_at_or_after(at: datetime) -> datetime:
    """The first daily run that is not before this time."""
    run = _run_of_day(at)
    return run if run >= at else _run_of_day(at + _DAY)


def last_run_until(now: datetime) -> datetime:
    """The daily run that was due last."""
    run = _run_of_day(now)
    return run if run <= now else _run_of_day(now - _DAY)


def _run_of_day(at: datetime) -> datetime:
    return start_of_day(business_day(at)) + timedelta(hours=RUN_TIME.hour)
