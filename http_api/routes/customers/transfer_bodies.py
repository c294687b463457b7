"""Rules of automatic transfer as requests give them and answers show them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from domain.customers.runs import ScheduledRun
from domain.customers.stages import UNSIGNED_STAGES, Stage
from domain.customers.transfer.model import (
    CreatedRange,
    DistributionConfig,
    ExecutionWindow,
    QuotaRole,
    RuleUsage,
    TransferRule,
    TriggerConditions,
    quota_users,
)
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.plain_text import one_line, several_lines
from http_api.core.dates import InputDay
from http_api.core.endpoint import EntityId
from http_api.core.route_constants import ExpectedVersion, Ignored

MAX_PEOPLE = 200
RuleName = Annotated[str, one_line(50, required=True)]
Minute = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Hours = Annotated[int, Field(ge=0, le=8_760)]
SourceName = Annotated[str, one_line(30, required=True)]
People = Annotated[list[EntityId], Field(min_length=1, max_length=MAX_PEOPLE)]


class CreatedRangeBody(Model):
    start_date: InputDay | None = None
    end_date: InputDay | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise ValueError("开始日期晚于结束日期 / it starts after its end")
        return self


class TriggerBody(Model):
    """Without sources: every source but referrals (转介绍), which move only when they are named."""

    inactive_hours: Annotated[int, Field(ge=1, le=8_760)] = 48
    transfer_cooldown_hours: Hours = 24
    max_transfer_count: Annotated[int, Field(ge=0, le=1_000)] = 0
    """0: no limit."""
    contract_statuses: Annotated[list[Stage], Field(min_length=1, max_length=len(Stage))]
    lead_sources: Annotated[tuple[SourceName, ...], Field(max_length=50)] = ()
    created_date_range: CreatedRangeBody = CreatedRangeBody()

    @model_validator(mode="after")
    def _has_unsigned_stages(self) -> Self:
        if not UNSIGNED_STAGES.issuperset(self.contract_statuses):
            raise ValueError("只能选择未签约的客户状态 / only stages of unsigned customers can be chosen")
        return self


class WindowBody(Model):
    """Times of day in Asia/Shanghai."""

    enabled: JsonBool = True
    start_time: Minute = "09:30"
    end_time: Minute = "18:30"

    @model_validator(mode="after")
    def _has_a_full_hour(self) -> Self:
        if self.enabled and not self.to_window().has_a_full_hour:
            raise ValueError("时间窗口内没有整点 / the window contains no full hour")
        return self

    def to_window(self) -> ExecutionWindow:
        return ExecutionWindow(enabled=self.enabled, start_time=self.start_time, end_time=self.end_time)


class DistributionBody(Model):
    strategy: Literal["balanced-random"] = "balanced-random"
    enable_compensation: JsonBool = False
    """Targets who have given more than they got by the rule are served first."""
    compensation_priority: Ignored = None


class RuleEditBody(Model):
    """Fields that are left out stay as they are; the counts of leads given and got always stay."""

    rule_name: RuleName | None = None
    description: Annotated[str, several_lines(500)] | None = None
    enabled: JsonBool | None = None
    target_module: Literal["customer"] | None = None
    trigger_conditions: TriggerBody | None = None
    execution_window: WindowBody | None = None
    source_user_ids: People | None = None
    target_user_ids: People | None = None
    distribution_config: DistributionBody | None = None
    version: ExpectedVersion | None = None

    @model_validator(mode="after")
    def _names_both_sides(self) -> Self:
        if (self.source_user_ids is None) != (self.target_user_ids is None):
            raise ValueError("来源和目标负责人须一起填写 / give sources and targets together")
        return self

    def to_values(self) -> Mapping[str, Any]:
        values: dict[str, Any] = {
            "rule_name": self.rule_name,
            "description": self.description,
            "enabled": self.enabled,
            "trigger_conditions": self.trigger_conditions and _conditions(self.trigger_conditions),
            "execution_window": self.execution_window and self.execution_window.to_window(),
            "distribution_config": self.distribution_config and _distribution(self.distribution_config),
        }
        if self.source_user_ids and self.target_user_ids:
            values["user_quotas"] = quota_users(tuple(self.source_user_ids), tuple(self.target_user_ids))
        return {name: value for name, value in values.items() if value is not None}


class NewRuleBody(RuleEditBody):
    rule_name: RuleName
    trigger_conditions: TriggerBody
    source_user_ids: People
    target_user_ids: People
    version: Ignored = None


class QuotaAnswer(Model):
    user_id: str
    user_name: str | None
    role: QuotaRole
    transferred_out: int
    transferred_in: int
    balance: int


class RuleStatistics(Model):
    total_transferred: int
    last_executed_at: Instant | None
    last_transferred_count: int


class RuleAnswer(Model):
    document_id: str = Field(alias="_id")
    id: str
    rule_name: str
    description: str
    enabled: bool
    target_module: str
    trigger_conditions: TriggerConditions
    execution_window: ExecutionWindow
    source_user_ids: list[str]
    target_user_ids: list[str]
    user_quotas: list[QuotaAnswer]
    """Counted from the records."""
    distribution_config: DistributionConfig
    statistics: RuleStatistics
    next_execution_time: Instant | None
    """Null while the rule is disabled."""
    created_by: str
    created_at: Instant
    updated_at: Instant
    version: int

    @classmethod
    def of(
        cls,
        rule: TransferRule,
        usage: Mapping[str, RuleUsage],
        last: ScheduledRun | None,
        next_run: Instant | None,
        names: Mapping[str, str],
    ) -> Self:
        quotas = [
            _quota(each.user_id, each.role, usage.get(each.user_id) or RuleUsage(), names) for each in rule.user_quotas
        ]
        statistics = RuleStatistics(
            total_transferred=sum(each.transferred_out for each in usage.values()),
            last_executed_at=last.at if last else None,
            last_transferred_count=last.moved if last else 0,
        )
        copied = rule.model_dump(exclude={"user_quotas", "updated_by", "deleted_at", "version"})
        return cls(
            **copied,
            document_id=rule.id,
            source_user_ids=list(rule.sources),
            target_user_ids=list(rule.targets),
            user_quotas=quotas,
            statistics=statistics,
            next_execution_time=next_run if rule.enabled else None,
            version=max(1, rule.version),
        )


def _conditions(body: TriggerBody) -> TriggerConditions:
    dates = body.created_date_range
    return TriggerConditions(
        inactive_hours=body.inactive_hours,
        transfer_cooldown_hours=body.transfer_cooldown_hours,
        max_transfer_count=body.max_transfer_count,
        contract_statuses=tuple(body.contract_statuses),
        lead_sources=body.lead_sources,
        created_date_range=CreatedRange(start_date=dates.start_date, end_date=dates.end_date),
    )


def _distribution(body: DistributionBody) -> DistributionConfig:
    return DistributionConfig(strategy=body.strategy, enable_compensation=body.enable_compensation)


def _quota(user_id: str, role: QuotaRole, used: RuleUsage, names: Mapping[str, str]) -> QuotaAnswer:
    return QuotaAnswer(
        user_id=user_id,
        user_name=names.get(user_id),
        role=role,
        transferred_out=used.transferred_out,
        transferred_in=used.transferred_in,
        balance=used.balance,
    )
