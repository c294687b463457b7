"""Upgrade from long-polling to WebSocket: the probe runs on its own connection until the client sends UPGRADE."""

from realtime.engineio import close_reasons
from realtime.engineio.frames import PROBE_ANSWER
from realtime.engineio.socket import EngineSocket
from realtime.engineio.websocket import WebSocketConnection


class Upgrade:
    """The listener of a probing connection. If anything fails, only the probe ends and polling continues."""

    def __init__(self, socket: EngineSocket, connection: WebSocketConnection) -> None:
        self._socket = socket
        self._connection = connection
        socket.start_probe(connection)

    def charge(self) -> bool:
        return self._socket.charge()

    def received(self, data: str | bytes) -> None:
        socket = self._socket
        if not socket.upgrading and data == "2probe":
            self._connection.write(PROBE_ANSWER)
            socket.begin_upgrade()
        elif socket.upgrading and data == "5":
            socket.complete_upgrade(self._connection)
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
            self._socket.cancel_upgrade()
