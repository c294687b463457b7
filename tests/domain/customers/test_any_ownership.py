"""Steps of staff, recycling, automatic transfer and contract events in random order: each customer has one owner or is
in the pool, limits are kept, and every counter is what the events add up to.

`CUSTOMER_COURSES` sets how many seeded courses there are.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

from domain.customers.events import CustomerAssigned, CustomerPoolMoved, CustomerTransferred, HoldingEnded
from domain.customers.model import Customer
from domain.customers.ownership.limits import PoolLimits
from domain.customers.pool.service import require_claimable
from domain.customers.recycling.model import PoolRule
from domain.customers.stages import UNSIGNED_STAGES, Stage, Standing
from domain.customers.transfer.model import ExecutionWindow, quota_users
from domain.shared.actor import Actor
from domain.shared.authority import Role, StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.errors import DomainError
from tests.domain.customers.builders import a_customer
from tests.domain.customers.pool_office import PoolOffice, pool_rules
from tests.domain.customers.test_any_order import COURSES as ALL_COURSES
from tests.domain.customers.transfer_office import a_rule

COURSES: Final = ALL_COURSES // 2
ROUNDS: Final = 30
PEOPLE: Final = ("li", "wang", "zhao")
LIMITS: Final = PoolLimits(held=3, claims_per_day=2)
IDLE_HOURS, COOLDOWN_HOURS, MOST_TRANSFERS, KEEPS = 4, 6, 2, 1
HOUR: Final = timedelta(hours=1)
RULE: Final = a_rule(
    conditions={
        "inactive_hours": IDLE_HOURS,
        "transfer_cooldown_hours": COOLDOWN_HOURS,
        "max_transfer_count": MOST_TRANSFERS,
        "contract_statuses": tuple(Stage),
    },
    execution_window=ExecutionWindow(enabled=False),
    user_quotas=quota_users(PEOPLE, PEOPLE),
)


def by(person: str) -> Actor:
    return Actor(kind="staff", id=person, action="customer.update")


class Course:
    """One random course of a few customers."""

    def __init__(self, seed: int) -> None:
        self.office = PoolOffice(pool_rules(PoolRule(days=1), keep_limit=KEEPS), RULE)
        self.chance = Random(seed)
        self.ids: list[str] = []
        self.refused = 0

    async def begin(self) -> None:
        for number in range(6):
            lead = a_customer(last_activity_at=self.office.clock.at - number * HOUR)
            owned = lead.assigned(PEOPLE[number % 2], "boss", "", self.office.clock.at)
            self.ids.append((await self.office.work.add(owned, by("boss"))).id)

    @property
    def steps(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            *(self.claim, self.claim, self.assign, self.release, self.follow_up, self.keep, self.freeze),
            *(self.step_stage, self.move_contract, self.transfer, self.transfer, self.recycle, self.recycle),
            self.deliver,
        )

    async def change(self, decide: Callable[[Customer, datetime], Customer], person: str, **more: Any) -> None:
        try:
            await self.office.work.change(self.chance.choice(self.ids), decide, by(person), **more)
        except DomainError:
            self.refused += 1

    async def claim(self) -> None:
        person = self.chance.choice(PEOPLE)

        def decide(customer: Customer, now: datetime) -> Customer:
            require_claimable(customer, person, now, LIMITS.reclaim_after)
            return customer.claimed(person, now)

        await self.change(decide, person, limits=LIMITS)

    async def assign(self) -> None:
        to = self.chance.choice(PEOPLE)
        await self.change(lambda customer, now: customer.assigned(to, "boss", "", now), "boss")

    async def release(self) -> None:
        def decide(customer: Customer, now: datetime) -> Customer:
            return customer.released("boss", "", now) if customer.counts_as_held else customer

        await self.change(decide, "boss")

    async def follow_up(self) -> None:
        person = self.chance.choice(PEOPLE)
        await self.change(lambda customer, now: customer.followed_up(person, now, None), person)

    async def keep(self) -> None:
        person, boss = self.chance.choice(PEOPLE), Role.ADMIN
        authority = StaffAuthority(
            id=person, username=person, name=person, role=boss, permissions=frozenset(), session_id="s"
        )
        try:
            await self.office.recycling.keep(self.chance.choice(self.ids), "", authority, by(person))
        except DomainError:
            self.refused += 1

    async def freeze(self) -> None:
        def decide(customer: Customer, now: datetime) -> Customer:
            return customer.unfrozen(now) if customer.is_frozen else customer.frozen("boss", "", now)

        await self.change(decide, "boss")

    async def step_stage(self) -> None:
        stage, person = self.chance.choice(list(Stage)), self.chance.choice(PEOPLE)
        await self.change(lambda customer, now: customer.at_stage(stage, now, person), person)

    async def move_contract(self) -> None:
        customer_id = self.chance.choice(self.ids)
        self.office.contracts.standings[customer_id]["a"] = self.chance.choice(list(Standing))
        await self.office.contract_follower.follow([self.office.contracts_changed(customer_id)])

    async def transfer(self) -> None:
        """Of two processes that both believe to have the lease."""
        await asyncio.gather(self.office.a_process().run_due(), self.office.a_process().run_due())

    async def recycle(self) -> None:
        await asyncio.gather(self.office.a_recycling().run_due(), self.office.a_recycling().run_due())

    async def deliver(self) -> None:
        ended = self.office.customers.events_of(HoldingEnded)
        await self.office.holding_follower.follow(self.chance.sample(ended, len(ended) // 2))

    async def pass_time(self) -> None:
        """To a full hour, which is when transfers are due."""
        self.office.clock.at += self.chance.choice((0, 1, 3, 12)) * HOUR

    async def settle(self) -> None:
        await self.office.holding_follower.follow(self.office.customers.events_of(HoldingEnded))

    def check_each(self) -> None:
        for customer in self.office.customers.stored.values():
            assert customer.in_public_pool != bool(customer.assigned_to)
            assert customer.keep_count <= KEEPS
            assert customer.transfer_count <= MOST_TRANSFERS
        claimed = [each for each in self.moves() if each.action == "claim" and each.card.stage in UNSIGNED_STAGES]
        claims = Counter((each.actor.id, business_day(each.at)) for each in claimed)
        assert all(count <= (LIMITS.claims_per_day or 0) for count in claims.values())

    def check(self) -> None:
        transfers: dict[str, list[CustomerTransferred]] = defaultdict(list)
        for event in self.office.customers.events_of(CustomerTransferred):
            transfers[event.card.id].append(event)
        claims = Counter(each.card.id for each in self.moves() if each.action == "claim")
        for customer in self.office.customers.stored.values():
            mine = transfers[customer.id]
            assert (customer.transfer_count, customer.claim_count) == (len(mine), claims[customer.id])
            assert all(later.at - each.at >= COOLDOWN_HOURS * HOUR for each, later in pairwise(mine))
            assert all(each.at - each.inactive_since >= IDLE_HOURS * HOUR for each in mine)
            assert self.chain_of(customer.id) == customer.assigned_to
        for person in PEOPLE:
            own = [each for each in self.office.customers.stored.values() if each.assigned_to == person]
            assert self.office.held_by(person) == sorted(each.id for each in own if each.counts_as_held)

    def moves(self) -> list[CustomerPoolMoved]:
        return self.office.customers.events_of(CustomerPoolMoved)

    def chain_of(self, customer_id: str) -> str:
        """The last owner, if each change of owner began where the one before had ended."""
        owner = ""
        for event in self.office.customers.events_of(CustomerAssigned):
            if event.card.id == customer_id:
                assert event.former_owner_id == owner
                owner = event.card.owner_id
        return owner


async def test_after_any_course_each_customer_has_one_place_and_counters_add_up() -> None:
    happened: Counter[str] = Counter()
    for seed in range(COURSES):
        course = Course(seed)
        await course.begin()
        for _ in range(ROUNDS):  # three at a time, interleaved
            await asyncio.gather(*(course.chance.choice(course.steps)() for _ in range(3)))
            course.check_each()
            await course.pass_time()
        await course.settle()
        course.check()
        happened["refused"] += course.refused
        happened["transferred"] += len(course.office.customers.events_of(CustomerTransferred))
        happened.update(each.action for each in course.moves())

    # The courses reach what they are about.
    assert all(happened[each] > COURSES / 2 for each in ("refused", "transferred", "enter", "claim", "release")), (
        happened
    )
