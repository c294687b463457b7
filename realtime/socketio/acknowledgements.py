"""Acknowledgements of client events: `{ok: true, data}` or `{ok: false, error}`, and nothing else."""

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.shared.errors import INTERNAL_ERROR, DomainError
from domain.shared.model import Model
from domain.shared.text import Text
from realtime.socketio.errors import Refused

log = logging.getLogger("error.realtime")

N = TypeVar("N")
P = TypeVar("P", bound=Model)

INVALID_PAYLOAD = Text("参数不正确", "The payload is not valid")
_MAX_FIELDS = 20
_PYDANTIC_PREFIX = "Value error, "
"""Pydantic writes it before the messages of our own rules."""


def acknowledged(
    payload: type[P],
) -> Callable[[Callable[[N, str, P], Awaitable[BaseModel | None]]], Callable[..., Awaitable[dict[str, object]]]]:
    """Decorates the handler of a client event. The event has at most one argument: an object valid for `payload`."""

    def decorate(
        handler: Callable[[N, str, P], Awaitable[BaseModel | None]],
    ) -> Callable[..., Awaitable[dict[str, object]]]:
        @functools.wraps(handler)
        async def answered(self: N, sid: str, sent: object = None) -> dict[str, object]:
            try:
                answer = await handler(self, sid, payload.model_validate({} if sent is None else sent))
            except Exception as error:
                return answer_to_error(error)
            return {"ok": True, "data": None if answer is None else answer.model_dump(mode="json", by_alias=True)}

        answered.payload = payload  # type: ignore[attr-defined]  # for the AsyncAPI document
        return answered

    return decorate


def answer_to_error(error: Exception) -> dict[str, object]:
    """The error answer for any exception; only unexpected ones are logged."""
    if isinstance(error, ValidationError):
        # The values that the client sent are not repeated: they may be secrets.
        messages = error.errors(include_url=False, include_context=False, include_input=False)[:_MAX_FIELDS]
        fields = [
            {"field": ".".join(map(str, each["loc"])), "problem": each["msg"].removeprefix(_PYDANTIC_PREFIX)}
            for each in messages
        ]
        return error_answer("INVALID_PAYLOAD", _both(INVALID_PAYLOAD), {"fields": fields})
    if isinstance(error, Refused):
        return error_answer(error.code, error.message)
    if isinstance(error, DomainError):
        return error_answer(error.code, _both(error.shown_text), error.shown_details)
    log.error("an event failed", exc_info=error)
    code, text = INTERNAL_ERROR
    return error_answer(code, _both(text))


def error_answer(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, object]:
    error: dict[str, object] = {"code": code, "message": message}
    if details:
        error["details"] = details
    return {"ok": False, "error": error}


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"
