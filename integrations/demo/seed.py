"""An empty database becomes one in which ninety days have passed."""

from collections.abc import Sequence

from domain.shared.events import DomainEvent
from domain.shared.ports import DurableFollower
from domain.users.ports import WeChatIdentity
from integrations.demo.calendar import joining_days, visits_from
from integrations.demo.history import Historian, Life, in_order
from integrations.demo.people import dice_of, regulars
from integrations.mongo.failures import store_failures
from integrations.simulators.wechat.world import SIMULATED, MiniProgram, World
from integrations.wiring import Integrations

_BATCH = 1_000


async def seed(integrations: Integrations) -> int:
    """How many accounts were made: none unless there are none yet. Raises Unavailable.

    The same moment always gets the same history. Journal, audit log and figures receive it as they receive everything:
    by its events.
    """
    with store_failures():
        if await integrations.users.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    lives = invented_lives(integrations)
    for start in range(0, len(lives), _BATCH):
        await integrations.users.import_new([life.user for life in lives[start : start + _BATCH]])
    await _tell(integrations, in_order(lives))
    return len(lives)


def invented_lives(integrations: Integrations) -> list[Life]:
    now = integrations.clock.now()
    dice = dice_of("history")
    program = MiniProgram(integrations.wechat.app_id, "", SIMULATED.open_platform)
    wechat = World.of((program,), now.timestamp)
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


async def _tell(integrations: Integrations, events: Sequence[DomainEvent]) -> None:
    told: dict[int, tuple[DurableFollower, list[DomainEvent]]] = {}
    for event in events:
        for follower in integrations.followers.get(type(event), ()):
            told.setdefault(id(follower), (follower, []))[1].append(event)
    for follower, followed in told.values():
        for start in range(0, len(followed), _BATCH):
            await follower.follow(followed[start : start + _BATCH])
