"""Heartbeat of one connection: a PING counts from the moment it was written, a PONG only if it answers one."""

from enum import Enum, auto
from typing import Final

from realtime.engineio import close_reasons

Progress = tuple[int, int]
"""A value that changes whenever the client reads something."""


class _State(Enum):
    IDLE = auto()
    PING_QUEUED = auto()  # behind messages that the client has not read yet
    PING_WRITTEN = auto()


_NO_PROGRESS: Final[Progress] = (0, 0)


class Heartbeat:
    """Each deadline has a token; the token of a deadline that a later event has overtaken is out of date."""

    __slots__ = ("_progress", "_state", "_token")

    def __init__(self) -> None:
        self._state = _State.IDLE
        self._token = 0
        self._progress = _NO_PROGRESS

    @property
    def has_queued_ping(self) -> bool:
        return self._state is _State.PING_QUEUED

    def ping_queued(self, progress: Progress) -> int:
        """Returns the token of the deadline to set."""
        self._state, self._progress = _State.PING_QUEUED, progress
        return self._next_token()

    def ping_written(self) -> int:
        """Returns the token of the deadline to set."""
        self._state = _State.PING_WRITTEN
        return self._next_token()

    def pong_received(self) -> bool:
        """False if no PING was written: a client that does not read could send PONGs blindly."""
        if self._state is not _State.PING_WRITTEN:
            return False
        self._state = _State.IDLE
        return True

    def is_due(self, token: int) -> bool:
        return token == self._token and self._state is not _State.IDLE

    def overdue_reason(self, progress: Progress, *, is_websocket: bool) -> str | None:
        """The close reason when the deadline has passed; None for a client that is slow but still reads.

        A polling client reads only when it sends a request: if it did not fetch a PING, it has disconnected.
        """
        if self._state is _State.PING_WRITTEN or not is_websocket:
            return close_reasons.PING_TIMEOUT
        if progress == self._progress:
            return close_reasons.SLOW_CLIENT
        return None

    def _next_token(self) -> int:
        self._token += 1
        return self._token
