"""The presence area: who is connected right now, on whichever app process."""

from domain.presence.service import Connections
from integrations.redis.presence import RedisPresenceStore
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_presence(base: Infrastructure) -> Area[Connections]:
    board = RedisPresenceStore(base.redis)
    return Area(name="presence", services=Connections(board, base.bus, base.audit, base.clock, base.ids))
