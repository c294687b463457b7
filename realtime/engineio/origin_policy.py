"""The address of a client behind trusted proxies, and the origins from which pages may connect."""

from collections.abc import Sequence

from aiohttp import web

from domain.shared.ip_addresses import IpNetwork, client_address, is_within


class OriginPolicy:
    def __init__(self, trusted_proxies: Sequence[IpNetwork], allowed_origins: Sequence[str] | None) -> None:
        """`allowed_origins` None allows pages of the server's own host only; ["*"] allows all pages."""
        self._trusted = tuple(trusted_proxies)
        self._allowed = None if allowed_origins is None else frozenset(allowed_origins)

    def client_address(self, request: web.BaseRequest) -> str:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return client_address(request.remote or "unknown", forwarded, self._trusted)

    def allows(self, request: web.BaseRequest) -> bool:
        """True without an Origin header: programs send none and are authenticated by their token alone."""
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
