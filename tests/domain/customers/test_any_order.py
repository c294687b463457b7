"""Steps of staff, contract events and jobs in random order: the stage follows, holdings match, caps are kept.

`CUSTOMER_COURSES` sets how many seeded courses there are.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any, Final

from domain.customers.errors import IllegalStage
from domain.customers.events import HoldingEnded
from domain.customers.model import Customer
from domain.customers.ownership.limits import PoolLimits
from domain.customers.pool.service import require_claimable
from domain.customers.stages import Stage, Standing, overall_standing
from domain.shared.actor import SYSTEM, Actor
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from tests.domain.customers.builders import a_customer
from tests.domain.customers.memory import Office

COURSES: Final = int(os.environ.get("CUSTOMER_COURSES", "60"))
STEPS_OF_A_COURSE: Final = 60
PEOPLE: Final = ("li", "wang", "zhao")
LIMITS: Final = PoolLimits(held=3, claims_per_day=6, reclaim_after=timedelta(0))
POSSIBLE: Final = {
    Standing.SIGNING: {Stage.SIGNING, Stage.LOST, Stage.SIGNED, Stage.REFUNDING, Stage.REFUNDED},
    Standing.IN_FORCE: {Stage.SIGNED, Stage.REFUNDING, Stage.REFUNDED},
    Standing.REFUNDED: {Stage.REFUNDED},
}
"""Of a customer whose contracts stand so: the stage that follows, and what people can make of it."""


def by(person: str) -> Actor:
    return Actor(kind="staff", id=person, action="customer.update")


async def test_contract_events_in_any_order_and_repeated_lead_to_one_stage() -> None:
    moves: list[tuple[str, Standing]] = [("a", Standing.SIGNING), ("a", Standing.REFUNDED), ("b", Standing.IN_FORCE)]
    stages = set()
    for order in permutations(range(len(moves))):
        office = Office()
        customer = await office.work.add(a_customer(contract_status=Stage.MATCHING, assigned_to="li"), by("li"))
        for contract, standing in moves:  # the contracts have moved; their events arrive later
            office.contracts.standings[customer.id][contract] = standing
        events = [office.contracts_changed(customer.id) for _ in moves]
        for place in (*order, *order[::-1]):
            await office.contract_follower.follow([events[place]])
        stages.add(office.customers.stored[customer.id].contract_status)

    assert stages == {Stage.SIGNED}


class Course:
    """One random course of a few customers."""

    def __init__(self, seed: int) -> None:
        self.office, self.chance = Office(), Random(seed)
        self.ids: list[str] = []
        self.undelivered: list[DomainEvent] = []
        self.known_events = 0
        self.refused = 0

    async def begin(self) -> None:
        for number in range(5):
            added = await self.office.work.add(a_customer(assigned_to=PEOPLE[number % 2]), by("li"))
            self.ids.append(added.id)

    async def change(self, decide: Callable[[Customer, Any], Customer], person: str, **more: Any) -> None:
        try:
            await self.office.work.change(self.chance.choice(self.ids), decide, by(person), **more)
        except DomainError:
            self.refused += 1

    async def step_stage(self) -> None:
        stage, person = self.chance.choice(list(Stage)), self.chance.choice(PEOPLE)
        await self.change(lambda customer, now: customer.at_stage(stage, now, person), person)

    async def assign(self) -> None:
        to = self.chance.choice(PEOPLE)
        await self.change(lambda customer, now: customer.assigned(to, "boss", "", now), "boss")

    async def release(self) -> None:
        def decide(customer: Customer, now: Any) -> Customer:
            return customer.released("boss", "", now) if customer.counts_as_held else customer

        await self.change(decide, "boss")

    async def claim(self) -> None:
        person = self.chance.choice(PEOPLE)

        def decide(customer: Customer, now: Any) -> Customer:
            require_claimable(customer, person, now, LIMITS.reclaim_after)
            return customer.claimed(person, now)

        await self.change(decide, person, limits=LIMITS)

    async def move_contract(self) -> None:
        customer_id = self.chance.choice(self.ids)
        contracts = self.office.contracts.standings[customer_id]
        contracts[self.chance.choice("ab")] = self.chance.choice(list(Standing))
        self.undelivered.append(self.office.contracts_changed(customer_id))

    async def deliver(self) -> None:
        """Some of the events, in any order; some stay, to be delivered again."""
        self.undelivered += self.office.customers.events_of(HoldingEnded)[self.known_events :]
        self.known_events = len(self.office.customers.events_of(HoldingEnded))
        self.chance.shuffle(self.undelivered)
        now = self.undelivered[: self.chance.randint(0, len(self.undelivered))]
        await self.follow(now)
        self.undelivered = [each for each in self.undelivered if each not in now or self.chance.random() < 0.2]

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        await self.office.contract_follower.follow(events)
        await self.office.holding_follower.follow(events)

    async def settle(self) -> None:
        await self.follow([*self.undelivered, *self.office.customers.events_of(HoldingEnded)])
        await self.follow([self.office.contracts_changed(each) for each in self.ids])
        await self.follow(self.office.customers.events_of(HoldingEnded))

    def check(self) -> None:
        customers = self.office.customers.stored
        for customer in customers.values():
            standing = overall_standing(self.office.contracts.standings[customer.id].values())
            assert customer.contract_standing is standing
            assert customer.contract_status in POSSIBLE.get(standing, set(Stage))
            assert not (customer.in_public_pool and customer.assigned_to)
        for person in PEOPLE:
            own = sorted(each.id for each in customers.values() if each.assigned_to == person and each.counts_as_held)
            assert self.office.held_by(person) == own


async def test_after_any_course_stages_follow_contracts_and_holdings_match_owners() -> None:
    refused = 0
    for seed in range(COURSES):
        course = Course(seed)
        await course.begin()
        steps: list[Callable[[], Awaitable[None]]] = [
            *(course.step_stage, course.assign, course.release, course.claim, course.claim),
            *(course.move_contract, course.deliver),
        ]
        for _ in range(STEPS_OF_A_COURSE // 3):  # three at a time, interleaved
            await asyncio.gather(*(course.chance.choice(steps)() for _ in range(3)))
        await course.settle()
        course.check()
        refused += course.refused

    assert refused > COURSES  # illegal steps and claims are among them


async def test_an_illegal_step_changes_nothing() -> None:
    office = Office()
    customer = await office.work.add(a_customer(assigned_to="li"), by("li"))
    events = len(office.customers.events)

    try:
        await office.work.change(customer.id, lambda each, now: each.at_stage(Stage.SIGNED, now, "li"), SYSTEM)
    except IllegalStage:
        assert (office.customers.stored[customer.id], len(office.customers.events)) == (customer, events)
    else:
        raise AssertionError("the step was taken")


async def test_of_many_claimers_one_gets_the_customer_and_no_cap_is_exceeded() -> None:
    office = Office()
    pooled = [
        await office.work.add(a_customer().released("boss", "", office.clock.now()), by("boss")) for _ in range(6)
    ]
    claimers = [f"p{number}" for number in range(20)]
    won: dict[str, list[str]] = {}

    async def claim(customer_id: str, person: str) -> None:
        def decide(customer: Customer, now: Any) -> Customer:
            require_claimable(customer, person, now, LIMITS.reclaim_after)
            return customer.claimed(person, now)

        try:
            await office.work.change(customer_id, decide, by(person), limits=PoolLimits(held=1))
        except DomainError:
            return
        won.setdefault(customer_id, []).append(person)

    await asyncio.gather(*(claim(each.id, person) for person in claimers for each in pooled))

    assert all(len(winners) == 1 for winners in won.values())
    assert set(office.holdings.most.values()) == {1}
    winners = {customer_id: people[0] for customer_id, people in won.items()}
    assert winners == {each.id: each.assigned_to for each in office.customers.stored.values() if each.assigned_to}
    assert {person: office.held_by(person) for person in winners.values()} == {
        person: [customer_id] for customer_id, person in winners.items()
    }
