"""Routes that list live connections and end one (强制下线)."""

from typing import Annotated

from domain.presence.model import Connection
from domain.presence.service import ConnectionNotFound, RankTooHigh
from domain.shared.model import Model
from domain.shared.plain_text import several_lines
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit

endpoints = Endpoints("/api/realtime", tag=Text("实时连接", "Live connections"))


class ConnectionList(Model):
    list: list[Connection]
    total: int


class DisconnectBody(Model):
    reason: Annotated[str, several_lines(200)] = ""
    """Shown to the disconnected person."""


@endpoints.get(
    "/connections",
    access=Staff("connection:view"),
    rate_limit=RateLimit.READ,
    message=Text("获取成功", "Who is online"),
)
async def connections(context: RequestContext) -> ConnectionList:
    """在线员工的连接（所有工作进程） · list live connections of staff, newest first"""
    found = list(await context.services.presence.list())
    return ConnectionList(list=found, total=len(found))


@endpoints.post(
    "/connections/{connection_id}/disconnect",
    access=Staff("connection:disconnect"),
    rate_limit=RateLimit.WRITE,
    audit="connection.disconnect",
    message=Text("已强制下线", "Disconnected"),
    raises=(ConnectionNotFound, RankTooHigh),
    example={"reason": "设备遗失"},
)
async def disconnect(context: RequestContext, connection_id: EntityId, body: DisconnectBody) -> None:
    """强制下线 · end a connection of any app process; a lower role cannot disconnect a higher one"""
    await context.services.presence.disconnect(connection_id, body.reason, context.staff, context.actor)
