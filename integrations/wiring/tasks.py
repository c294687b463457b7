"""The tasks area: requests that are answered before their result is there."""

from domain.tasks.model import TaskLimits
from domain.tasks.service import Tasks
from integrations.redis.tasks import RedisTaskStore
from integrations.security.sealed_results import X25519Sealer
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_tasks(base: Infrastructure, limits: TaskLimits | None = None) -> Area[Tasks]:
    tasks = Tasks(RedisTaskStore(base.redis), X25519Sealer(), base.bus, base.clock, base.ids, limits)
    return Area(name="tasks", services=tasks, background=tasks.background, close=tasks.close)
