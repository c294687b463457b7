"""Base of stored entities: an id, a version, and fields that only methods of the entity change; and stable ids."""

import hashlib

from domain.shared.model import Model


class Entity(Model):
    """`version` is the stored version (0: not stored yet). A save writes `version + 1`, if no other save did first."""

    id: str
    version: int = 0

    @property
    def next_version(self) -> int:
        """The version after the next save; events about the change carry it."""
        return self.version + 1


def stable_id(*parts: str) -> str:
    """An id of 24 hexadecimal digits, the same for the same parts: what is told again is not stored twice."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
