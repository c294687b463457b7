"""From long-polling to WebSocket: the probe runs on a connection of its own until the client says UPGRADE."""

from realtime.engineio import close_reasons
from realtime.engineio.frames import PROBE_ANSWER
from realtime.engineio.socket import EngineSocket
from realtime.engineio.websocket import WebSocketConnection


class Upgrade:
    """Listens to a probing connection. If anything goes wrong only the probe ends; polling goes on."""

    def __init__(self, socket: EngineSocket, connection: WebSocketConnection) -> None:
        self._socket = socket
        self._connection = connection
        socket.probe = connection

    def spend(self) -> bool:
        return self._socket.spend()

    def received(self, data: str | bytes) -> None:
        socket = self._socket
        if not socket.upgrading and data == "2probe":
            self._connection.write(PROBE_ANSWER)
            socket.upgrade_probed()
        elif socket.upgrading and data == "5":
            socket.adopt(self._connection)
        else:
            self.fail()

    def lost(self, reason: str) -> None:
        self._end()

    def expired(self) -> None:
        if self._socket.probe is self._connection:
            self.fail()

    def fail(self) -> None:
        self._connection.close(1002, close_reasons.MALFORMED)
        self._end()

    def writable(self) -> None: ...

    def blocked(self) -> None: ...

    def _end(self) -> None:
        if self._socket.probe is self._connection:
            self._socket.upgrade_failed()
