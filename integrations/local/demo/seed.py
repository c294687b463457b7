"""An empty database becomes one in which ninety days have passed."""

import asyncio
from collections.abc import Sequence

from domain.audit.model import AuditRecorded
from domain.users.events import CountedUserEvent
from domain.users.identity import WeChatIdentity
from integrations.local.demo.calendar import joining_days, visits_from
from integrations.local.demo.history import Historian, Life, in_order
from integrations.local.demo.people import dice_of, regulars
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram, SimulatorState
from integrations.mongo.failures import store_failures
from integrations.wiring.opened import Integrations

_BATCH = 1_000


async def seed(integrations: Integrations) -> int:
    """How many accounts were made: none unless there are none yet. Raises Unavailable.

    The same moment always gets the same history. Journal, audit log and figures receive it as they receive everything:
    by its events. The journal must not be running yet; its writer ends with the history.
    """
    with store_failures():
        if await integrations.users.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    lives = invented_lives(integrations)
    for start in range(0, len(lives), _BATCH):
        await integrations.users.import_new([life.user for life in lives[start : start + _BATCH]])
    await _tell(integrations, lives)
    return len(lives)


def invented_lives(integrations: Integrations) -> list[Life]:
    now = integrations.clock.now()
    dice = dice_of("history")
    program = MiniProgram(integrations.wechat.app_id, "", SIM_PROGRAM.open_platform)
    wechat = SimulatorState.of((program,), now.timestamp)
    historian = Historian(program.app_id, integrations.regions, dice, now)
    people = regulars()
    return [
        historian.life_of(
            person,
            WeChatIdentity(
                app_id=program.app_id,
                open_id=wechat.open_id(program.app_id, person.key),
                union_id=wechat.union_id(program.app_id, person.key),
            ),
            visits_from(dice, day, now),
        )
        for person, day in zip(people, joining_days(dice, now, len(people)), strict=True)
    ]


async def _tell(integrations: Integrations, lives: Sequence[Life]) -> None:
    """What the relay would have told, had all this passed through it."""
    events = in_order(lives)
    facts = [event for event in events if isinstance(event, CountedUserEvent)]
    for start in range(0, len(facts), _BATCH):
        await integrations.journal.follow(facts[start : start + _BATCH])
    decisions = [event for event in events if isinstance(event, AuditRecorded)]
    if decisions:
        await integrations.audit.follow(decisions)
    refused = [refusal for life in lives for refusal in life.refusals]
    await asyncio.gather(*(integrations.journal.record_failure(refusal) for refusal in refused))
    await integrations.journal.close()
