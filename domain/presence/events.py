"""Events of live connections. No document stores them; they are published on the bus only."""

from typing import ClassVar

from domain.presence.model import Connection
from domain.shared.events import DomainEvent


class ConnectionOpened(DomainEvent):
    """A connection was opened, or a known one changed (it joined another namespace)."""

    type: ClassVar[str] = "connection.opened"

    connection: Connection


class ConnectionClosed(DomainEvent):
    type: ClassVar[str] = "connection.closed"

    connection_id: str
    staff_id: str


class DisconnectRequested(DomainEvent):
    """A staff member asked to end this connection; the app process that holds it does so."""

    type: ClassVar[str] = "connection.disconnect_requested"

    connection_id: str
    reason: str
    by: str
    """The name of that staff member; shown to the disconnected person."""


class RecoveryClaimed(DomainEvent):
    """A client reconnected before its old socket was found dead; the app process that holds that socket closes it."""

    type: ClassVar[str] = "recovery.claimed"

    owner: str
