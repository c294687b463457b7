"""The base class of namespaces: decides on each CONNECT (`Namespace.admit`) and dispatches client events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import signature
from typing import Any

import socketio

from realtime.socketio.acknowledgements import error_answer
from realtime.socketio.delivery import Delivery


def _no_deliveries() -> Sequence[Delivery]:
    return ()


@dataclass(slots=True)
class Admission:
    """The positive decision on a CONNECT. The server carries it out in one iteration of the loop, so that every event
    is either in the backlog or delivered live."""

    rooms: frozenset[str] = frozenset()
    answer: Mapping[str, object] = field(default_factory=dict)
    """Added to `sid` in the CONNECT answer."""
    backlog: Callable[[], Sequence[Delivery]] = _no_deliveries
    """Called when the rooms have been entered; sent right behind the CONNECT answer, before any live event."""
    on_entered: Callable[[], None] | None = None
    """Called last."""


class Namespace(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no type information
    """Handlers of client events are methods `on_<event>`, as in the library."""

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        """Decides on a CONNECT. Raises Refused or TryAgain. Must change no state: the client may leave meanwhile.

        `environ` has REMOTE_ADDR (the client's, behind trusted proxies), QUERY_STRING and, if they were sent, the
        headers HTTP_AUTHORIZATION, HTTP_USER_AGENT, HTTP_ORIGIN, HTTP_ACCEPT_LANGUAGE, HTTP_HOST and HTTP_X_REQUEST_ID.
        """
        raise NotImplementedError

    async def client_disconnected(self, sid: str, reason: str) -> None:
        """Called once for each admitted client that has left. `reason` is one of `close_reasons`."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Calls the handler. Unknown events and wrong numbers of arguments get an error answer."""
        handler = getattr(self, f"on_{event}", None)
        if handler is None:
            return error_answer("UNKNOWN_EVENT", "未知事件 · Unknown event")
        if not _accepts(handler.__func__, len(args)):
            return error_answer("INVALID_PAYLOAD", "参数不正确 · Wrong number of arguments")
        return await super().trigger_event(event, *args)


@lru_cache(maxsize=1024)
def _accepts(handler: Callable[..., Any], count: int) -> bool:
    try:
        signature(handler, follow_wrapped=False).bind(None, *[None] * count)
    except TypeError:
        return False
    return True
