"""Routes of the rules of automatic transfer (线索自动流转), with their prediction and their runs."""

from collections import Counter
from typing import Annotated, Any, Final

from pydantic import Field, RootModel

from domain.customers.errors import TransferRuleNotFound, TransferRuleVersionConflict, UnknownAssignee
from domain.customers.stages import Stage
from domain.customers.transfer.model import TransferRule
from domain.customers.transfer.runs import RunResult
from domain.shared.errors import PermissionDenied
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.customers.common import ASSIGN, customers_of
from http_api.routes.customers.transfer_bodies import NewRuleBody, RuleAnswer, RuleEditBody

endpoints = Endpoints("/api/lead-transfer", tag=Text("线索流转", "Lead transfer"))

READ: Final[dict[str, Any]] = {"access": ASSIGN, "rate_limit": RateLimit.READ, "message": FETCHED}
WRITE: Final[dict[str, Any]] = {"access": Staff("customer:all"), "rate_limit": RateLimit.WRITE}
"""Administrators, and managers within their data scope."""
RULE_ERRORS: Final = (*STAFF_ERRORS, TransferRuleNotFound)
EDIT_ERRORS: Final = (*RULE_ERRORS, TransferRuleVersionConflict, PermissionDenied)
EXAMPLE: Final = {
    "ruleName": "48 小时未跟进",
    "enabled": True,
    "triggerConditions": {"inactiveHours": 48, "contractStatuses": ["待定", "匹配中"]},
    "sourceUserIds": ["65f0c1d2e3a4b5c6d7e8f901"],
    "targetUserIds": ["65f0c1d2e3a4b5c6d7e8f902"],
}


class RuleList(RootModel[list[RuleAnswer]]):
    """In the order of their creation."""


class ToggleBody(Model):
    enabled: JsonBool | None = None
    """Left out: the other state."""


class ExecuteBody(Model):
    rule_id: EntityId | None = None
    """Left out: all enabled rules."""
    batch_size: Annotated[int, Field(ge=-1, le=1_000)] = 100
    """0 or less: all leads, up to 1,000."""


class RunResults(Model):
    results: list[RunResult]
    total_transferred: int


class PlannedAnswer(Model):
    id: str
    customer_id: str
    name: str
    contract_status: Stage
    last_activity_at: Instant
    from_user_id: str
    from_user_name: str | None
    to_user_id: str
    to_user_name: str | None


class EstimateAnswer(Model):
    user_id: str
    user_name: str | None
    transferred_out: int
    transferred_in: int


class PredictionAnswer(Model):
    """`plan`: the transfers of the run at `nextExecutionTime`, if nothing changes before and the rule is enabled."""

    next_execution_time: Instant | None
    pending_leads_count: int
    user_estimates: list[EstimateAnswer]
    plan: list[PlannedAnswer]


@endpoints.get("/rules", raises=STAFF_ERRORS, **READ)
async def list_rules(context: RequestContext) -> RuleList:
    """流转规则列表 · list the rules"""
    rules = await customers_of(context).transfer_rules.all()
    return RuleList([await _answer(context, each) for each in rules])


@endpoints.post(
    "/rules",
    **WRITE,
    audit="lead-transfer.create",
    message=Text("规则创建成功", "Rule created"),
    raises=(*STAFF_ERRORS, UnknownAssignee, PermissionDenied),
    status=201,
    example=EXAMPLE,
)
async def create_rule(context: RequestContext, body: NewRuleBody) -> RuleAnswer:
    """新建流转规则 · create a rule"""
    created = await customers_of(context).transfer_rules.create(body.to_values(), context.staff, context.actor)
    return await _answer(context, created)


@endpoints.get("/rules/{rule_id}", raises=RULE_ERRORS, **READ)
async def get_rule(context: RequestContext, rule_id: EntityId) -> RuleAnswer:
    """流转规则详情 · get a rule"""
    return await _answer(context, await customers_of(context).transfer_rules.find(rule_id))


@endpoints.patch(
    "/rules/{rule_id}",
    **WRITE,
    audit="lead-transfer.update",
    message=Text("规则更新成功", "Rule updated"),
    raises=(*EDIT_ERRORS, UnknownAssignee),
    example={"ruleName": "72 小时未跟进", "version": 1},
)
async def edit_rule(context: RequestContext, rule_id: EntityId, body: RuleEditBody) -> RuleAnswer:
    """修改流转规则，流转统计保留 · edit a rule; its counts stay"""
    edited = await customers_of(context).transfer_rules.edit(
        rule_id, body.to_values(), body.version, context.staff, context.actor
    )
    return await _answer(context, edited)


@endpoints.delete(
    "/rules/{rule_id}",
    **WRITE,
    audit="lead-transfer.delete",
    message=Text("规则删除成功", "Rule deleted"),
    raises=EDIT_ERRORS,
)
async def delete_rule(context: RequestContext, rule_id: EntityId) -> None:
    """删除流转规则，流转记录保留 · delete a rule; its records stay"""
    await customers_of(context).transfer_rules.delete(rule_id, context.staff, context.actor)


@endpoints.patch(
    "/rules/{rule_id}/toggle",
    **WRITE,
    audit="lead-transfer.toggle",
    message=Text("规则状态已更新", "Rule switched"),
    raises=EDIT_ERRORS,
    example={"enabled": False},
)
async def toggle_rule(context: RequestContext, rule_id: EntityId, body: ToggleBody) -> RuleAnswer:
    """启用或停用规则 · enable or disable a rule"""
    toggled = await customers_of(context).transfer_rules.toggle(rule_id, body.enabled, context.staff, context.actor)
    return await _answer(context, toggled)


@endpoints.get("/rules/{rule_id}/predict", raises=RULE_ERRORS, **READ)
async def predict(context: RequestContext, rule_id: EntityId) -> PredictionAnswer:
    """预测下次流转（与执行使用同一计划）· predict the next run, by the plan that the run uses"""
    prediction = await customers_of(context).transfer_runs.predict(rule_id)
    planned, rule = prediction.planned, prediction.rule
    names = await customers_of(context).queries.staff_names((*rule.sources, *rule.targets))
    out, into = Counter(each.from_user_id for each in planned), Counter(each.to_user_id for each in planned)
    return PredictionAnswer(
        next_execution_time=prediction.at,
        pending_leads_count=len(planned),
        user_estimates=[
            EstimateAnswer(
                user_id=each.user_id,
                user_name=names.get(each.user_id),
                transferred_out=out[each.user_id],
                transferred_in=into[each.user_id],
            )
            for each in rule.user_quotas
        ],
        plan=[
            PlannedAnswer(
                id=each.customer.id,
                customer_id=each.customer.customer_id,
                name=each.customer.name,
                contract_status=each.customer.contract_status,
                last_activity_at=each.customer.last_activity_at,
                from_user_id=each.from_user_id,
                from_user_name=names.get(each.from_user_id),
                to_user_id=each.to_user_id,
                to_user_name=names.get(each.to_user_id),
            )
            for each in planned
        ],
    )


@endpoints.post(
    "/execute-now",
    **WRITE,
    audit="lead-transfer.execute",
    message=Text("执行完成", "Done"),
    raises=(*RULE_ERRORS, PermissionDenied),
    example={"ruleId": "65f0c1d2e3a4b5c6d7e8f901", "batchSize": 50},
)
async def execute_now(context: RequestContext, body: ExecuteBody) -> RunResults:
    """立即执行，不受时间窗口限制 · run now, whatever the window"""
    results = await customers_of(context).transfer_runs.execute(
        body.rule_id, body.batch_size, context.staff, context.actor
    )
    return RunResults(results=list(results), total_transferred=sum(each.transferred for each in results))


async def _answer(context: RequestContext, rule: TransferRule) -> RuleAnswer:
    customers = customers_of(context)
    runs = customers.transfer_runs
    names = await customers.queries.staff_names((*rule.sources, *rule.targets))
    return RuleAnswer.of(rule, await runs.usage(rule), await runs.last_run(rule), runs.next_run(rule), names)
