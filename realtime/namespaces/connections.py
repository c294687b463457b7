"""`/connections`: the staff connections that are online (在线列表)."""

from collections.abc import Sequence
from typing import ClassVar, Final

from domain.presence.events import ConnectionClosed, ConnectionOpened
from domain.presence.model import Connection
from domain.presence.service import ConnectionNotFound
from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.acknowledgements import acknowledged
from realtime.socketio.delivery import Delivery

NAME = "/connections"
_MAX_SHOWN: Final = 300
"""One message must fit into a client's send queue; the REST list has all connections."""


class ConnectionsSnapshot(Model):
    list: list[Connection]
    total: int


class ConnectedPush(Model):
    connection: Connection


class Own(Model):
    """No field."""


class OwnConnection(Model):
    id: str


class DisconnectedPush(Model):
    id: str
    staff_id: str


SNAPSHOT = Push(
    "snapshot", ConnectionsSnapshot, Text("当前在线员工的连接（最新 300 个）", "Live connections (the newest 300)")
)
CONNECTED = Push(
    "connected",
    ConnectedPush,
    Text("新的连接，或已有连接的信息有变化", "A new connection, or a change of a known one"),
    must_arrive=True,
)
DISCONNECTED = Push("disconnected", DisconnectedPush, Text("连接已断开", "A connection was closed"), must_arrive=True)


class ConnectionsNamespace(StaffNamespace):
    name = NAME
    permission = "connection:view"
    about = Text("在线员工", "Live connections of staff")
    pushes: ClassVar = (SNAPSHOT, CONNECTED, DISCONNECTED)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        context.hub.translate(ConnectionOpened, connected)
        context.hub.translate(ConnectionClosed, disconnected)

    async def snapshot(self, authority: StaffAuthority) -> Sequence[Delivery]:
        found = sorted(
            await self._context.presence.all_connections(), key=lambda each: (each.connected_at, each.id), reverse=True
        )
        snapshot = ConnectionsSnapshot(list=found[:_MAX_SHOWN], total=len(found))
        return [SNAPSHOT.delivery(NAME, (), snapshot)]

    @acknowledged(Own)
    async def on_own(self, sid: str, payload: Own) -> OwnConnection:
        """发出请求的这个连接在列表中的 id · the id, in the list, of the connection that asks"""
        client = self._context.clients.find(sid)
        connection = self._context.presence.connection_of(client) if client else None
        if connection is None:
            raise ConnectionNotFound
        return OwnConnection(id=connection.id)


def connected(entry: StreamEntry) -> Sequence[Delivery]:
    if not isinstance(entry.event, ConnectionOpened):
        return ()
    payload = ConnectedPush(connection=entry.event.connection)
    return [CONNECTED.delivery(NAME, ("staff",), payload, entry)]


def disconnected(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, ConnectionClosed):
        return ()
    payload = DisconnectedPush(id=event.connection_id, staff_id=event.staff_id)
    return [DISCONNECTED.delivery(NAME, ("staff",), payload, entry)]
