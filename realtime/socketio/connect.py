"""How a namespace decides who may enter: `Namespace.admit`, and what an admission carries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import signature
from typing import Any

import socketio

from realtime.socketio.delivery import Delivery


class Refused(Exception):
    """The client gets a `connect_error` with `message` and `data.code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class TryAgain(Exception):
    """Neither yes nor no can be said now: the connection is closed, and the official client comes back by itself, with
    what it needs to be recovered. After a refusal it would not."""


def _nothing() -> Sequence[Delivery]:
    return ()


@dataclass(slots=True)
class Admission:
    """What follows a positive decision, in one turn of the loop, so that every event is in the backlog or live."""

    rooms: frozenset[str] = frozenset()
    answer: Mapping[str, object] = field(default_factory=dict)
    """Goes into the CONNECT answer beside `sid`."""
    backlog: Callable[[], Sequence[Delivery]] = _nothing
    """Called when the rooms are entered; written right behind the CONNECT answer, before any live event."""
    admitted: Callable[[], None] | None = None
    """Called when all this has happened."""


class Namespace(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no type information
    """A namespace that admits before it serves. Client events are methods `on_<event>`, as with the library."""

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        """Decide. May take time, may raise `Refused` or `TryAgain`; must leave no trace: the client may go meanwhile.

        `environ` has REMOTE_ADDR (the client's, behind trusted proxies), QUERY_STRING and the headers
        HTTP_AUTHORIZATION, HTTP_USER_AGENT, HTTP_ORIGIN, HTTP_ACCEPT_LANGUAGE, HTTP_HOST and HTTP_X_REQUEST_ID as far
        as they were sent.
        """
        raise NotImplementedError

    async def left(self, sid: str, reason: str) -> None:
        """Called once for each admitted client that is gone, `reason` is one of `close_reasons`."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """The library's dispatch, with an answer for what a client should not have sent."""
        handler = getattr(self, f"on_{event}", None)
        if handler is None:
            return failure("UNKNOWN_EVENT", "未知事件 · Unknown event")
        if not _accepts(handler.__func__, len(args)):
            return failure("INVALID_PAYLOAD", "参数不正确 · Wrong number of arguments")
        return await super().trigger_event(event, *args)


def failure(code: str, message: str) -> dict[str, object]:
    return {"ok": False, "error": {"code": code, "message": message}}


@lru_cache(maxsize=1024)
def _accepts(handler: Callable[..., Any], count: int) -> bool:
    try:
        signature(handler, follow_wrapped=False).bind(None, *[None] * count)
    except TypeError:
        return False
    return True
