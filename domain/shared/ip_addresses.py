"""IP addresses: the client's address behind trusted proxies, and the key that rate limits use for an address."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

IpNetwork = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[IpNetwork, ...]:
    """Parses a list such as `10.0.0.0/8, 127.0.0.1`. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, forwarded_for: str, trusted: Sequence[IpNetwork]) -> str:
    """The last address in the chain that is not a trusted proxy.

    Any client can send `X-Forwarded-For`, so the header counts only when a trusted proxy sent it.
    """
    if not is_within(peer, trusted):
        return peer
    for hop in reversed(forwarded_for.split(",")):
        address = hop.strip()
        if not is_address(address):
            return peer
        if not is_within(address, trusted):
            return address
        peer = address
    return peer


def is_within(address: str, networks: Sequence[IpNetwork]) -> bool:
    """True if `address` is in one of `networks`; False for text that is not an address."""
    if not networks or not is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in networks)


def rate_limit_key(address: str) -> str:
    """The unit that shares one rate limit: an IPv4 address, or the /64 network of one IPv6 subscriber."""
    if ":" not in address or not is_address(address):
        return address
    parsed = ipaddress.IPv6Address(address.split("%")[0])
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
