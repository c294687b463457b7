"""Fills an empty database with ninety days of user accounts, log-ins and audit rows."""

import asyncio
from collections.abc import Sequence
from contextlib import closing

from domain.audit.model import AuditRecorded
from domain.shared.parts import parts_of
from domain.users.events import CountedUserEvent
from domain.users.identity import WeChatIdentity
from integrations.geo.regions import Ip2RegionFinder
from integrations.local.demo.people import regulars, seeded_random
from integrations.local.demo.user_history import UserHistory, UserHistoryGenerator, events_in_order
from integrations.local.demo.visit_schedule import random_registration_days, random_visits
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram, SimulatorState
from integrations.mongo.failures import store_failures
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.users import login_journal, user_repository

_BATCH = 1_000


async def seed_users(base: Infrastructure, app_id: str) -> int:
    """Returns the number of accounts created: 0 when the database has accounts already. Raises Unavailable.

    Deterministic for one point in time. The login journal, the audit log and the statistics are filled through the
    events of the history. The journal must not be running yet; its writer is closed at the end.
    """
    users = user_repository(base)
    with store_failures():
        if await users.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    histories = generate_user_histories(base, app_id)
    for part in parts_of(histories, _BATCH):
        await users.import_new([history.user for history in part])
    await _record_events(base, histories)
    return len(histories)


def generate_user_histories(base: Infrastructure, app_id: str) -> list[UserHistory]:
    now = base.clock.now()
    rng = seeded_random("history")
    program = MiniProgram(app_id, "", SIM_PROGRAM.open_platform)
    wechat = SimulatorState.of((program,), now.timestamp)
    people = regulars()
    with closing(Ip2RegionFinder()) as regions:
        generator = UserHistoryGenerator(program.app_id, regions, rng, now)
        return [
            generator.generate(
                person,
                WeChatIdentity(
                    app_id=program.app_id,
                    open_id=wechat.open_id(program.app_id, person.key),
                    union_id=wechat.union_id(program.app_id, person.key),
                ),
                random_visits(rng, day, now),
            )
            for person, day in zip(people, random_registration_days(rng, now, len(people)), strict=True)
        ]


async def _record_events(base: Infrastructure, histories: Sequence[UserHistory]) -> None:
    """Deliver the events as the outbox relay would have delivered them."""
    journal = login_journal(base)
    events = events_in_order(histories)
    facts = [event for event in events if isinstance(event, CountedUserEvent)]
    for part in parts_of(facts, _BATCH):
        await journal.follow(part)
    decisions = [event for event in events if isinstance(event, AuditRecorded)]
    if decisions:
        await base.audit.follow(decisions)
    failures = [failure for history in histories for failure in history.failed_logins]
    await asyncio.gather(*(journal.record_failure(failure) for failure in failures))
    await journal.close()
