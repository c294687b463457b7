"""Client events: checked for shape, run, and answered with `{ok: true, data}` or `{ok: false, error}`; nothing else."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.shared.errors import DomainError
from domain.shared.model import Model
from domain.shared.text import Text
from realtime.socketio.connect import Refused

log = logging.getLogger("error.realtime")

N = TypeVar("N")
P = TypeVar("P", bound=Model)

INVALID_PAYLOAD = Text("参数不正确", "The payload is not valid")
INTERNAL_ERROR = Text("服务器内部错误", "Internal server error")


class NoPayload(Model):
    """For events that say everything by their name."""


def acknowledged(
    payload: type[P],
) -> Callable[[Callable[[N, str, P], Awaitable[Model | None]]], Callable[..., Awaitable[dict[str, object]]]]:
    """A handler of a client event. Takes at most one argument, an object that fits `payload`."""

    def decorate(
        handler: Callable[[N, str, P], Awaitable[Model | None]],
    ) -> Callable[..., Awaitable[dict[str, object]]]:
        @functools.wraps(handler)
        async def answered(self: N, sid: str, sent: object = None) -> dict[str, object]:
            try:
                answer = await handler(self, sid, payload.model_validate({} if sent is None else sent))
            except Exception as error:
                return error_ack(error)
            return {"ok": True, "data": None if answer is None else answer.model_dump(mode="json", by_alias=True)}

        answered.payload = payload  # type: ignore[attr-defined]  # the documentation reads it
        return answered

    return decorate


def error_ack(error: Exception) -> dict[str, object]:
    """Any failure as its acknowledgement; only our own bugs are logged."""
    details: dict[str, Any] = {}
    if isinstance(error, ValidationError):
        # What was sent is never echoed: it may be a secret.
        problems = error.errors(include_url=False, include_context=False, include_input=False)[:20]
        fields = [{"field": ".".join(map(str, each["loc"])), "problem": each["msg"]} for each in problems]
        code, message, details = "INVALID_PAYLOAD", _both(INVALID_PAYLOAD), {"fields": fields}
    elif isinstance(error, Refused):
        code, message = error.code, error.message
    elif isinstance(error, DomainError):
        code, message, details = error.code, _both(error.text), error.shown_details
    else:
        log.error("an event failed", exc_info=error)
        code, message = "INTERNAL_ERROR", _both(INTERNAL_ERROR)
    told: dict[str, object] = {"code": code, "message": message}
    if details:
        told["details"] = details
    return {"ok": False, "error": told}


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"
