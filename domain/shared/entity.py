"""What is stored: an id, a version, and fields that only its own methods change."""

from domain.shared.model import Model


class Entity(Model):
    """`version` is the stored one (0: not stored yet). A save writes `version + 1`, and only if nobody else did."""

    id: str
    version: int = 0

    @property
    def next_version(self) -> int:
        """The version that the next save gives; events about the change carry it."""
        return self.version + 1
