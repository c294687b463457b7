"""Who is really calling: the client's address behind trusted proxies, and the origin of its page."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

Network = IPv4Network | IPv6Network


class Callers:
    def __init__(self, trusted_proxies: Sequence[Network], allowed_origins: Sequence[str] | None) -> None:
        """`allowed_origins` None means pages of our own host only; ["*"] means every page."""
        self._trusted = tuple(trusted_proxies)
        self._allowed = None if allowed_origins is None else frozenset(allowed_origins)

    def address(self, request: web.BaseRequest) -> str:
        """The nearest address that is not one of our proxies; a header that anybody can send counts only from them."""
        peer = request.remote or "unknown"
        if not self._is_trusted(peer):
            return peer
        for hop in reversed(",".join(request.headers.getall("X-Forwarded-For", [])).split(",")):
            address = hop.strip()
            if not _is_address(address):
                return peer
            if not self._is_trusted(address):
                return address
            peer = address
        return peer

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
        if self._is_trusted(request.remote or ""):
            scheme = request.headers.get("X-Forwarded-Proto", scheme).split(",")[0].strip()
            host = request.headers.get("X-Forwarded-Host", host).split(",")[0].strip()
        return f"{scheme}://{host}".lower()

    def _is_trusted(self, address: str) -> bool:
        if not self._trusted or not _is_address(address):
            return False
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self._trusted)


def rate_key(address: str) -> str:
    """What shares one connect rate: an IPv4 address, or the /64 that one IPv6 subscriber owns."""
    if ":" not in address or not _is_address(address):
        return address
    parsed = ipaddress.IPv6Address(address.split("%")[0])
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
