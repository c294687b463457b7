"""Fills an empty database with customers: leads of the last weeks in all stages, some of them in the public pool."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from domain.customers.levels import GRADES
from domain.customers.model import Customer
from domain.customers.stages import LEAD_STAGES, Stage, standing_behind
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from integrations.local.demo.historic import HistoricIds
from integrations.local.demo.people import MEN, SURNAMES, WOMEN, seeded_random
from integrations.local.demo.places import random_place
from integrations.mongo.failures import store_failures
from integrations.wiring.customers import customer_repository
from integrations.wiring.infrastructure import Infrastructure

PHONE_PREFIX: Final = "19904"
STAGES: Final = {
    Stage.PENDING: 16,
    Stage.MATCHING: 13,
    Stage.INTERVIEWED: 8,
    Stage.SIGNING: 4,
    Stage.SIGNED: 7,
    Stage.REFUNDING: 1,
    Stage.REFUNDED: 1,
    Stage.LOST: 4,
}
"""How many customers are in each stage, without those of the pool."""
_OPEN: Final = (Stage.PENDING, Stage.MATCHING, Stage.INTERVIEWED)
POOL: Final = 10
CUSTOMERS: Final = sum(STAGES.values()) + POOL

_SERVICES: Final = {
    # the service and its usual budgets, days, and what is to be done
    "月嫂": ((11_800, 18_800), 26, "照顾新生儿与产妇，做月子餐"),
    "住家育儿嫂": ((7_000, 9_500), 180, "带一岁宝宝，做辅食，会早教更好"),
    "住家保姆": ((5_500, 7_500), 365, "做三餐，日常保洁"),
    "白班育儿": ((5_500, 7_000), 180, "白天带孩子，接送幼儿园"),
    "白班保姆": ((4_500, 6_000), 365, "做午晚两餐，保洁"),
    "住家护老": ((6_000, 8_500), 365, "照顾行动不便的老人起居"),
    "保洁": ((2_500, 3_800), 60, "每周两次深度保洁"),
}
_SOURCES: Final = ("美团", "抖音", "小红书", "转介绍", "官网", "妈妈网", "宝宝树")
_SOURCE_WEIGHTS: Final = (22, 20, 18, 20, 10, 5, 5)
_ROADS: Final = ("幸福路", "人民东路", "花园街", "滨江大道", "学府路", "建设路", "湖滨路", "解放路")
_REMARKS: Final = (
    *("", "", "家里有一只猫", "希望普通话标准", "老人口味清淡", "晚上七点后方便接电话", "之前的阿姨回老家了"),
    *("双胞胎，希望有经验", "先生过敏，忌海鲜", "比较着急，最好本周面试"),
)
_POOL_REASONS: Final = ("暂无需求", "多次联系不上", "预算不合适，暂缓", "客户出国，三个月后再联系")


async def seed_customers(base: Infrastructure, owners: Sequence[StaffAuthority]) -> int:
    """Returns the number of customers: 0 when the database has some already. Raises Unavailable."""
    customers, rng = customer_repository(base), seeded_random("customers")
    with store_failures():
        if await customers.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    try:
        for customer in invented_customers(rng, owners, base.clock.now()):
            await customers.save(customer, [])
    finally:
        await customers.close()
    return CUSTOMERS


def invented_customers(rng: Random, owners: Sequence[StaffAuthority], now: datetime) -> list[Customer]:
    stages = [stage for stage, count in STAGES.items() for _ in range(count)]
    owned = [_owned(rng, number, stage, rng.choice(owners), now) for number, stage in enumerate(stages)]
    pool = [_released(rng, len(stages) + number, rng.choice(owners), now) for number in range(POOL)]
    return [*owned, *pool]


def _owned(rng: Random, number: int, stage: Stage, owner: StaffAuthority, now: datetime) -> Customer:
    made_at = now - timedelta(hours=rng.uniform(1, 40) if stage is Stage.PENDING else rng.uniform(48, 1_000))
    seen_at = made_at + (now - made_at) * rng.uniform(0.3, 0.95)
    followed = stage is not Stage.PENDING or rng.random() < 0.5
    lead = _lead(rng, number, owner, made_at)
    return lead.with_fields(
        contract_status=stage,
        contract_standing=standing_behind(stage),
        lead_stage=stage if stage in LEAD_STAGES else Stage.INTERVIEWED,
        last_activity_at=seen_at,
        updated_at=seen_at,
        awaits_response=not followed,
        breach_announced_at=None if followed else seen_at,
        last_follow_up_by=owner.id if followed else "",
        followed_up_by=(owner.id,) if followed else (),
        last_follow_up_time=seen_at if followed else None,
        next_follow_up_at=now + timedelta(hours=rng.uniform(-20, 90)) if stage in _OPEN else None,
    )


def _released(rng: Random, number: int, former: StaffAuthority, now: datetime) -> Customer:
    made_at = now - timedelta(days=rng.uniform(20, 60))
    released_at = now - timedelta(days=rng.uniform(0.2, 12))
    return _lead(rng, number, former, made_at).released(former.id, rng.choice(_POOL_REASONS), released_at)


def _lead(rng: Random, number: int, owner: StaffAuthority, at: datetime) -> Customer:
    ids = HistoricIds(rng, at)
    fields = {
        "id": ids.next_id(),
        "customerId": f"CUS{at:%y%m%d}{number:04}",
        "grade": rng.choices(sorted(GRADES), (20, 40, 25, 15))[0],
        "createdBy": owner.id,
        "assignedTo": owner.id,
        "assignedBy": owner.id,
        "assignedAt": at,
        "createdAt": at,
        "updatedAt": at,
        "lastActivityAt": at,
    }
    return Customer.model_validate({**fields, **_contact(rng, number), **_demand(rng, at)})


def _contact(rng: Random, number: int) -> dict[str, Any]:
    place = random_place(rng)
    return {
        "name": rng.choice(SURNAMES) + rng.choice(rng.choice((WOMEN, MEN))),
        "phone": f"{PHONE_PREFIX}{number * 387_421 % 1_000_000:06}",
        "wechatId": f"home_{number:02}{rng.randrange(1_000):03}" if rng.random() < 0.6 else "",
        "leadSource": rng.choices(_SOURCES, _SOURCE_WEIGHTS)[0],
        "area": place.city,
        "address": f"{place.city}{rng.choice(_ROADS)} {rng.randint(1, 299)} 号",
    }


def _demand(rng: Random, at: datetime) -> dict[str, Any]:
    service = rng.choice(list(_SERVICES))
    (low, high), days, work = _SERVICES[service]
    start = business_day(at + timedelta(days=rng.randint(3, 40)))
    return {
        "serviceCategory": service,
        "salaryBudget": round(rng.randint(low, high), -2),
        "expectedStartDate": start,
        "expectedDeliveryDate": start if service == "月嫂" else None,
        "serviceDays": days,
        "restSchedule": rng.choice(("单休", "双休", "调休", "无休")),
        "homeArea": rng.choice((68, 89, 98, 120, 143, 180)),
        "familySize": rng.randint(2, 6),
        "educationRequirement": rng.choice(("", "", "初中", "高中")),
        "needWorkContent": work,
        "remarks": rng.choice(_REMARKS),
    }
