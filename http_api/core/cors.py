"""CORS: lets pages of the listed origins call the API; never all origins."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept-Language, X-Request-Id, Idempotency-Key, "
    "X-Device-Token, Prefer",
    "Access-Control-Max-Age": "600",
}

_EXPOSED = {"Access-Control-Expose-Headers": "Location, Retry-After, X-Device-Token, X-Request-Id"}


def cors_middleware(origins: Sequence[str]) -> Callable[..., Awaitable[web.StreamResponse]]:
    allowed = frozenset(origins)

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin not in allowed:
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(
                status=204, headers={**_ALLOWED, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
            )
        request[ORIGIN] = origin
        return await handler(request)

    return middleware


ORIGIN = web.RequestKey("cors_origin", str)


def cors_headers(request: web.Request) -> dict[str, str]:
    origin = request.get(ORIGIN, "")
    return {**_EXPOSED, "Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}
