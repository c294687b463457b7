"""Who is really calling, and from a page of which origin."""

from collections.abc import Sequence

from aiohttp import web

from domain.shared.ip_addresses import IpNetwork, client_address, is_within, rate_limit_key

__all__ = ["Callers", "IpNetwork", "rate_limit_key"]


class Callers:
    def __init__(self, trusted_proxies: Sequence[IpNetwork], allowed_origins: Sequence[str] | None) -> None:
        """`allowed_origins` None means pages of our own host only; ["*"] means every page."""
        self._trusted = tuple(trusted_proxies)
        self._allowed = None if allowed_origins is None else frozenset(allowed_origins)

    def address(self, request: web.BaseRequest) -> str:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return client_address(request.remote or "unknown", forwarded, self._trusted)

    def may_connect_from(self, request: web.BaseRequest) -> bool:
        """Programs send no Origin and are judged by their token alone."""
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        if self._allowed is None:
            return origin.lower() == self._own_origin(request)
        return "*" in self._allowed or origin in self._allowed

    def _own_origin(self, request: web.BaseRequest) -> str:
        scheme, host = request.scheme, request.host
        if is_within(request.remote or "", self._trusted):
            scheme = request.headers.get("X-Forwarded-Proto", scheme).split(",")[0].strip()
            host = request.headers.get("X-Forwarded-Host", host).split(",")[0].strip()
        return f"{scheme}://{host}".lower()
