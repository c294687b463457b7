"""Pushes of every namespace: the server is about to close the connection."""

from domain.shared.model import Model
from domain.shared.text import Text
from realtime.delivery.push import Push


class ServerDraining(Model):
    delay_ms: int


class ForcedOffline(Model):
    reason: str
    by: str


SERVER_DRAINING = Push(
    "serverDraining",
    ServerDraining,
    Text("服务即将重启，请在 delayMs 毫秒后重连", "This server will close; reconnect after delayMs"),
)
FORCED_OFFLINE = Push(
    "forcedOffline",
    ForcedOffline,
    Text("被管理员强制下线，随后断开", "An administrator ends this connection; it closes right after"),
)
