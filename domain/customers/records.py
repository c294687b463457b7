"""Creating, editing and deleting customers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.customers.demand import filled
from domain.customers.dictionaries.model import OTHER, DictionaryCode
from domain.customers.dictionaries.table import DictionaryTable
from domain.customers.errors import (
    ContactRequired,
    CustomerHasContracts,
    CustomerNumberTaken,
    IllegalStage,
    LevelSetBySystem,
    UnknownAssignee,
)
from domain.customers.levels import GRADES, LeadLevel
from domain.customers.model import Customer
from domain.customers.new_customer import NewCustomers
from domain.customers.ports import StaffDirectory
from domain.customers.stages import LEAD_STAGES, Stage, Standing
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.retry import retry_on_conflict
from domain.shared.scope import Resource, Scope, scope_of

ENUMERATED: Final[Mapping[str, DictionaryCode]] = {
    "lead_source": DictionaryCode.LEAD_SOURCE,
    "service_category": DictionaryCode.SERVICE_CATEGORY,
    "rest_schedule": DictionaryCode.REST_SCHEDULE,
    "education_requirement": DictionaryCode.EDUCATION,
}
ASSIGN_RIGHT: Final = "customer:assign"
FieldValues = Mapping[str, Any]
"""Values of `CustomerFields` by name."""


class CustomerRecords:
    def __init__(
        self,
        customers: CustomerUnitOfWork,
        dictionaries: DictionaryTable,
        staff: StaffDirectory,
        new_customers: NewCustomers,
    ) -> None:
        self._customers = customers
        self._dictionaries = dictionaries
        self._staff = staff
        self._new_customers = new_customers

    async def create(
        self,
        fields: FieldValues,
        stage: Stage,
        level: LeadLevel | None,
        owner: str,
        by: StaffAuthority,
        actor: Actor,
        reason: str = "",
    ) -> Customer:
        """Owned by `owner`, or by the creator if it is empty. A lead source that the dictionary lacks becomes 其他.

        Raises ContactRequired, UnknownDictionaryValue, IllegalStage, LevelSetBySystem, UnknownAssignee,
        PermissionDenied (another owner without the right to assign), CustomerPhoneTaken, CustomerWeChatTaken.
        """
        owner = owner or by.id
        if owner != by.id:
            by.require(ASSIGN_RIGHT)
            if await self._staff.assignee(owner) is None:
                raise UnknownAssignee
        if stage not in LEAD_STAGES:
            raise IllegalStage(current=None, requested=stage, allowed=sorted(LEAD_STAGES))
        values = await self._checked(await self._with_known_source(fields), {})

        async def once() -> Customer:
            customer = self._new(values, stage, level, actor.id)
            owned = customer.assigned(owner, actor.id, reason, customer.created_at)
            return await self._customers.add(owned, actor, reason)

        return await retry_on_conflict(once, again_on=(CustomerNumberTaken,))

    async def edit(
        self,
        customer_id: str,
        fields: FieldValues,
        stage: Stage | None,
        level: LeadLevel | None,
        version: int | None,
        by: StaffAuthority,
        actor: Actor,
    ) -> Customer:
        """Replaces the given fields; None leaves stage and level as they are.

        Raises CustomerNotFound, CustomerVersionConflict, ContactRequired, UnknownDictionaryValue, IllegalStage,
        LevelSetBySystem, CustomerPhoneTaken, CustomerWeChatTaken.
        """
        scope = scope_of(by, Resource.CUSTOMER)
        present = await self._customers.find(customer_id, scope)
        values = await self._checked(fields, present.model_dump(include={*ENUMERATED, *_CARD}))

        def decide(customer: Customer, now: datetime) -> Customer:
            changed = customer.edited(now, actor.id, **values)
            changed = changed if level is None else changed.graded(level, now, actor.id)
            changed = changed if stage is None else changed.at_stage(stage, now, actor.id)
            return customer if changed == customer else changed

        return await self._customers.change(customer_id, decide, actor, scope=scope, expected_version=version)

    async def delete(self, customer_id: str, reason: str, scope: Scope, actor: Actor) -> None:
        """Removes all personal values; the audit row of the same save has the former values, masked.

        Raises CustomerNotFound, CustomerHasContracts.
        """

        def decide(customer: Customer, now: datetime) -> Customer:
            if customer.contract_standing is not Standing.NONE:
                raise CustomerHasContracts
            return customer.deleted(now)

        await self._customers.change(customer_id, decide, actor, scope=scope, reason=reason)

    def _new(self, values: FieldValues, stage: Stage, level: LeadLevel | None, creator: str) -> Customer:
        if not values.get("phone") and not values.get("wechat_id"):
            raise ContactRequired
        if level is not None and level not in GRADES and not (level is LeadLevel.LOST and stage is Stage.LOST):
            raise LevelSetBySystem
        return self._new_customers.make(values, creator, stage, level)

    async def _with_known_source(self, fields: FieldValues) -> FieldValues:
        source = fields.get("lead_source") or OTHER
        known = await self._dictionaries.has(DictionaryCode.LEAD_SOURCE, source)
        return {**fields, "lead_source": source if known else OTHER}

    async def _checked(self, fields: FieldValues, present: FieldValues) -> FieldValues:
        """The fields, with those that the demand card fills. `present`: the stored values."""
        for name, code in ENUMERATED.items():
            await self._dictionaries.require(code, fields.get(name) or "", present.get(name) or "")
        found = filled({**present, **fields})
        for name in ENUMERATED.keys() & found.keys():
            if not await self._dictionaries.has(ENUMERATED[name], found[name]):
                del found[name]
        return {**fields, **{name: value for name, value in found.items() if name not in fields or not fields[name]}}


_CARD: Final = {
    *("need_order_type", "need_salary", "need_rest_time", "need_onboarding_time", "need_house_area"),
    *("need_family_members", "need_service_address", "salary_budget", "expected_start_date", "home_area"),
    *("family_size", "address"),
}
"""The demand card and the fields that it fills."""
