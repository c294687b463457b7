"""Connection state recovery: records that let a client reconnect to any app process and miss nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.presence.visitors import Visitor
from domain.shared.model import Model

WINDOW_SECONDS = 10 * 60
"""How long a client may be disconnected."""


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    namespace: str
    rooms: tuple[str, ...]
    visitor: Visitor
    """With the permissions as of `base`; later changes are on the bus."""
    epoch: str
    base: str
    """Everything up to this offset has arrived at the client."""
    owner: str
    """The id of the socket that uses this record; empty after that socket closed."""


class DeliveryConfirmation(Model):
    """The socket `owner` serves the client of `key`, and everything up to `base` has arrived there."""

    key: str
    owner: str
    base: str
    released: bool = False
    """The socket has closed: the record expires in WINDOW_SECONDS."""


class RecoveryStore(Protocol):
    """Keys are digests: reading the store does not allow impersonating a client."""

    async def open(self, key: str, record: RecoveryRecord) -> None:
        """Raises Unavailable."""

    async def claim(self, key: str, subject: str, namespace: str, owner: str) -> RecoveryRecord | None:
        """Make `owner` the owner of the record; returns the record as it was before.

        None, and nothing changed, when there is no such record or it belongs to another subject or namespace.
        Raises Unavailable.
        """

    async def confirm_deliveries(self, confirmations: Sequence[DeliveryConfirmation]) -> Sequence[str]:
        """Keep the records alive; returns the keys that have no record (any more).

        A record with another owner is not changed. Raises Unavailable.
        """

    async def forget(self, keys: Sequence[str]) -> None:
        """Raises Unavailable."""
