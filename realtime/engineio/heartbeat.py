"""Whether a client is still there: a PING counts from the moment it was written, a PONG only if it answers one."""

from enum import Enum, auto
from typing import Final

from realtime.engineio import close_reasons

Progress = tuple[int, int]
"""Anything that changes whenever the client takes something."""


class _State(Enum):
    QUIET = auto()
    PING_WAITS = auto()  # behind what the client has not taken yet
    PING_WRITTEN = auto()


_NOTHING: Final[Progress] = (0, 0)


class Heartbeat:
    """The tokens tell a deadline that counts from one that a later event has overtaken."""

    __slots__ = ("_progress", "_state", "_token")

    def __init__(self) -> None:
        self._state = _State.QUIET
        self._token = 0
        self._progress = _NOTHING

    @property
    def ping_waits(self) -> bool:
        return self._state is _State.PING_WAITS

    def wait_to_write(self, progress: Progress) -> int:
        """The PING has to queue. Returns the token of the deadline to set."""
        self._state, self._progress = _State.PING_WAITS, progress
        return self._next_token()

    def written(self) -> int:
        """The PING is on its way. Returns the token of the deadline to set."""
        self._state = _State.PING_WRITTEN
        return self._next_token()

    def answered(self) -> bool:
        """False for an answer to nothing: a client that does not read could send those blindly."""
        if self._state is not _State.PING_WRITTEN:
            return False
        self._state = _State.QUIET
        return True

    def is_due(self, token: int) -> bool:
        return token == self._token and self._state is not _State.QUIET

    def verdict(self, progress: Progress, *, reads_by_itself: bool) -> str | None:
        """Why to close, when the deadline has passed; None for a client that is slow but still reading.

        A polling client does not read by itself: a PING that it never fetched was not missed for lack of speed.
        """
        if self._state is _State.PING_WRITTEN or not reads_by_itself:
            return close_reasons.PING_TIMEOUT
        if progress == self._progress:
            return close_reasons.SLOW_CLIENT
        return None

    def _next_token(self) -> int:
        self._token += 1
        return self._token
