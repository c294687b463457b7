"""What happens to live connections. No document keeps these facts; they travel on the bus alone."""

from typing import ClassVar

from domain.presence.model import Connection
from domain.shared.events import DomainEvent


class ConnectionOpened(DomainEvent):
    """Also tells that something about a known connection changed (it entered another namespace)."""

    type: ClassVar[str] = "connection.opened"

    connection: Connection


class ConnectionClosed(DomainEvent):
    type: ClassVar[str] = "connection.closed"

    connection_id: str
    staff_id: str


class DisconnectRequested(DomainEvent):
    """Somebody wants this connection ended, wherever it is."""

    type: ClassVar[str] = "connection.disconnect_requested"

    connection_id: str
    reason: str
    by: str
    """The name of who asked; shown to whom it concerns."""


class RecoveryClaimed(DomainEvent):
    """A client came back elsewhere before its old socket was missed: whoever still holds that one lets go of it."""

    type: ClassVar[str] = "recovery.claimed"

    owner: str
