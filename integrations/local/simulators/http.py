"""HTTP parts that the simulators share: a guard against other machines, and the bodies of control requests."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Model = TypeVar("Model", bound=BaseModel)


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses clients of other machines: a client of a simulator can act as any person."""
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104  # not bound, only compared
        raise web.HTTPForbidden(text="the simulator answers only to its own machine")
    return await handler(request)


async def read_body(request: web.Request, model: type[Model]) -> Model:
    """The body of a control request; an empty body counts as `{}`. Answers 400 when it does not fit."""
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
