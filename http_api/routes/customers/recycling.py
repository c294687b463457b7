"""Routes of the pool rules: rules, dry run, and keeping a customer from falling."""

from typing import Annotated

from pydantic import Field

from domain.customers.errors import (
    CustomerDoesNotFall,
    KeepLimitReached,
    NotTheOwner,
    PoolRulesVersionConflict,
)
from domain.customers.levels import LeadLevel
from domain.customers.recycling.model import PoolRule, PoolRules
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.plain_text import one_line
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.customers.answers import CustomerAnswer, changed_answer
from http_api.routes.customers.common import CUSTOMER_ERRORS, EDIT, POOL, PREFIX, READ, TAG, Reason, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)

ADMINISTER = Staff("admin:settings")
MAX_RULES = 100


class PoolRuleBody(Model):
    """An empty level or source fits all customers. `days` null: they do not fall."""

    lead_level: LeadLevel | None = None
    lead_source: Annotated[str, one_line(30)] = ""
    days: Annotated[int, Field(ge=1, le=365)] | None = None

    def to_rule(self) -> PoolRule:
        return PoolRule(lead_level=self.lead_level, lead_source=self.lead_source, days=self.days)


class PoolRulesBody(Model):
    """The first rule that fits a customer decides; a customer that none fits does not fall."""

    enabled: JsonBool
    rules: Annotated[list[PoolRuleBody], Field(max_length=MAX_RULES)]
    keep_limit: Annotated[int, Field(ge=0, le=20)]
    version: Annotated[int, Field(ge=0, le=2**53)]
    """The version that the client has seen; 0 until rules are first set."""


class PoolRulesAnswer(Model):
    enabled: bool
    rules: list[PoolRule]
    keep_limit: int
    updated_by: str | None
    updated_at: Instant | None
    version: int

    @classmethod
    def of(cls, rules: PoolRules) -> "PoolRulesAnswer":
        return cls(
            enabled=rules.enabled,
            rules=list(rules.rules),
            keep_limit=rules.keep_limit,
            updated_by=rules.updated_by or None,
            updated_at=rules.updated_at if rules.version else None,
            version=rules.version,
        )


class FallingAnswer(Model):
    id: str
    customer_id: str
    name: str
    lead_source: str
    lead_level: LeadLevel
    assigned_to: str
    assigned_to_name: str | None
    last_follow_up_time: Instant | None


class DryRunAnswer(Model):
    """The moves that the run at `runAt` would make, also while the rules are disabled. `list`: the first 200."""

    run_at: Instant
    enabled: bool
    total: int
    by_owner: dict[str, int]
    list: list[FallingAnswer]


class KeepBody(Model):
    reason: Reason


@endpoints.get("/pool-rules", raises=STAFF_ERRORS, **READ)
async def get_pool_rules(context: RequestContext) -> PoolRulesAnswer:
    """公海回收规则 · get the pool rules"""
    return PoolRulesAnswer.of(await customers_of(context).pool_rules.current())


@endpoints.put(
    "/pool-rules",
    access=ADMINISTER,
    rate_limit=RateLimit.WRITE,
    audit="pool-rules.update",
    message=Text("公海规则已更新", "Pool rules updated"),
    raises=(*STAFF_ERRORS, PoolRulesVersionConflict),
    example={"enabled": True, "rules": [{"leadLevel": "A类", "days": 3}, {"days": 7}], "keepLimit": 2, "version": 0},
)
async def edit_pool_rules(context: RequestContext, body: PoolRulesBody) -> PoolRulesAnswer:
    """修改公海回收规则 · replace the pool rules"""
    rules = [each.to_rule() for each in body.rules]
    edited = await customers_of(context).pool_rules.edit(
        body.enabled, rules, body.keep_limit, body.version, context.actor
    )
    return PoolRulesAnswer.of(edited)


@endpoints.get("/pool-rules/preview", access=POOL, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def preview_pool_rules(context: RequestContext) -> DryRunAnswer:
    """试运行：下次回收的客户 · dry run: the customers that fall in the next run"""
    customers = customers_of(context)
    dry = await customers.recycling.dry_run(context.staff)
    names = await customers.queries.staff_names(each.assigned_to for each in dry.customers)
    return DryRunAnswer(
        run_at=dry.at,
        enabled=dry.enabled,
        total=dry.total,
        by_owner=dict(dry.by_owner),
        list=[
            FallingAnswer(
                id=each.id,
                customer_id=each.customer_id,
                name=each.name,
                lead_source=each.lead_source,
                lead_level=each.lead_level,
                assigned_to=each.assigned_to,
                assigned_to_name=names.get(each.assigned_to),
                last_follow_up_time=each.last_follow_up_time,
            )
            for each in dry.customers
        ],
    )


@endpoints.post(
    "/{customer_id}/keep",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="customer.keep",
    message=Text("已保留客户", "Kept"),
    raises=(*CUSTOMER_ERRORS, NotTheOwner, CustomerDoesNotFall, KeepLimitReached),
    example={"reason": "客户下周回国后面谈"},
)
async def keep(context: RequestContext, customer_id: EntityId, body: KeepBody) -> CustomerAnswer:
    """保留客户，暂不回收（次数有限）· keep a customer from falling into the pool, a limited number of times"""
    kept = await customers_of(context).recycling.keep(customer_id, body.reason, context.staff, context.actor)
    return await changed_answer(context, kept)
