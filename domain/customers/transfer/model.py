"""A rule of automatic lead transfer (线索自动流转): its leads, source and target people, and times."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal, Self

from pydantic import Field

from domain.customers.fields import Line, Lines
from domain.customers.stages import Stage
from domain.shared.business_day import BUSINESS_ZONE, Day
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model

HOUR: Final = timedelta(hours=1)
_HOURS_OF_A_DAY: Final = 24


class QuotaRole(StrEnum):
    SOURCE = "source"
    TARGET = "target"
    BOTH = "both"


class CreatedRange(Model):
    """Business days, both included."""

    start_date: Day | None = None
    end_date: Day | None = None

    def covers(self, day: date) -> bool:
        return (self.start_date or day) <= day <= (self.end_date or day)


class TriggerConditions(Model):
    """When a lead is idle. An empty list of sources: every source but referrals."""

    inactive_hours: int = 48
    transfer_cooldown_hours: int = 24
    max_transfer_count: int = 0
    """0: no limit."""
    contract_statuses: tuple[Stage, ...] = (Stage.PENDING, Stage.MATCHING)
    lead_sources: tuple[Line, ...] = ()
    created_date_range: CreatedRange = CreatedRange()


class ExecutionWindow(Model):
    """Times of day in Asia/Shanghai, both included: scheduled runs happen at full hours within them."""

    enabled: bool = True
    start_time: str = "09:30"
    end_time: str = "18:30"

    def covers(self, at: datetime) -> bool:
        local = at.astimezone(BUSINESS_ZONE).time()
        return not self.enabled or time.fromisoformat(self.start_time) <= local <= time.fromisoformat(self.end_time)

    @property
    def has_a_full_hour(self) -> bool:
        start, end = time.fromisoformat(self.start_time), time.fromisoformat(self.end_time)
        return any(start <= time(hour) <= end for hour in range(_HOURS_OF_A_DAY))


class QuotaUser(Model):
    """A person of a rule. The leads that they gave and got by it are counted from the records."""

    user_id: str
    role: QuotaRole


class DistributionConfig(Model):
    strategy: Literal["balanced-random"] = "balanced-random"
    enable_compensation: bool = False
    """Targets who have given more than they got are served first."""


class TransferRule(Entity):
    """A document of the collection `lead_transfer_rules`, with the names of the former system."""

    rule_name: Line
    description: Lines = ""
    enabled: bool = False
    target_module: Literal["customer"] = "customer"
    trigger_conditions: TriggerConditions = TriggerConditions()
    execution_window: ExecutionWindow = ExecutionWindow()
    user_quotas: tuple[QuotaUser, ...] = ()
    distribution_config: DistributionConfig = DistributionConfig()
    created_by: str = ""
    updated_by: str = ""
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(each.user_id for each in self.user_quotas if each.role is not QuotaRole.TARGET)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(each.user_id for each in self.user_quotas if each.role is not QuotaRole.SOURCE)

    def edited(self, now: datetime, by: str, **fields: Any) -> Self:
        changed = self.model_copy(update=fields)
        return self if changed == self else changed.model_copy(update={"updated_at": now, "updated_by": by})

    def deleted(self, now: datetime, by: str) -> Self:
        return self.model_copy(update={"enabled": False, "deleted_at": now, "updated_at": now, "updated_by": by})

    def runs_at(self, slot: datetime) -> bool:
        """A rule that was changed after the hour had begun waits for the next one."""
        return self.enabled and self.updated_at <= slot and self.execution_window.covers(slot)

    def next_run(self, now: datetime) -> datetime | None:
        """The next full hour within the window; None: it has none, as in some rules of the former system."""
        slots = (hour_of(now) + HOUR * (ahead + 1) for ahead in range(2 * _HOURS_OF_A_DAY))
        return next((slot for slot in slots if self.execution_window.covers(slot)), None)

    def snapshot(self) -> dict[str, Any]:
        """The values that an audit row shows."""
        shown = {"rule_name", "description", "enabled", "trigger_conditions", "execution_window", "distribution_config"}
        values = self.model_dump(mode="json", by_alias=True, include=shown)
        return {**values, "sourceUserIds": sorted(self.sources), "targetUserIds": sorted(self.targets)}


def quota_users(sources: tuple[str, ...], targets: tuple[str, ...]) -> tuple[QuotaUser, ...]:
    """Each person once, in the given order."""
    roles = dict.fromkeys(sources, QuotaRole.SOURCE)
    for target in targets:
        roles[target] = QuotaRole.BOTH if target in sources else QuotaRole.TARGET
    return tuple(QuotaUser(user_id=user_id, role=role) for user_id, role in roles.items())


def hour_of(at: datetime) -> datetime:
    """The full hour that an instant falls into."""
    return at.replace(minute=0, second=0, microsecond=0)


class RuleUsage(Model):
    """The numbers of leads that a person has given and got by a rule."""

    transferred_out: int = Field(0, ge=0)
    transferred_in: int = Field(0, ge=0)

    @property
    def balance(self) -> int:
        """Positive: gave more than they got."""
        return self.transferred_out - self.transferred_in
