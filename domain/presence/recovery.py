"""What is remembered of a client so that it can come back to any worker and miss nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.presence.visitors import Visitor
from domain.shared.model import Model

WINDOW_SECONDS = 10 * 60
"""How long a client may be away."""


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    namespace: str
    rooms: tuple[str, ...]
    visitor: Visitor
    """With their rights as they were at `base`; what changed them since is on the bus."""
    epoch: str
    base: str
    """Everything up to this offset is known to have arrived."""
    owner: str
    """Names the one socket that lives by this record; empty after it was seen to close."""


class Proof(Model):
    """`owner` still serves the client of `key`, and everything up to `base` has arrived there."""

    key: str
    owner: str
    base: str
    released: bool = False
    """The socket has closed: from now on the record lives for WINDOW_SECONDS."""


class RecoveryStore(Protocol):
    """Keys are digests: whoever reads the store cannot impersonate a client."""

    async def open(self, key: str, record: RecoveryRecord) -> None:
        """Raises Unavailable."""

    async def claim(self, key: str, subject: str, namespace: str, owner: str) -> RecoveryRecord | None:
        """The record as it was, now owned by `owner`, who has superseded the former one. None, and nothing changed,
        when there is no such record or it is somebody else's. Raises Unavailable."""

    async def prove(self, proofs: Sequence[Proof]) -> Sequence[str]:
        """Keep the records alive. Returns the keys that are not there (any more). A record that somebody else owns
        by now is left alone. Raises Unavailable."""

    async def forget(self, keys: Sequence[str]) -> None:
        """Raises Unavailable."""
