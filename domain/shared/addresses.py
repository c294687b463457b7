"""Who is really calling: the client's address behind trusted proxies."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """`10.0.0.0/8, 127.0.0.1` as networks. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our proxies; a header that anybody can send counts only from them."""
    if not within(peer, trusted):
        return peer
    for hop in reversed(forwarded_for.split(",")):
        address = hop.strip()
        if not is_address(address):
            return peer
        if not within(address, trusted):
            return address
        peer = address
    return peer


def within(address: str, trusted: Sequence[Network]) -> bool:
    if not trusted or not is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in trusted)


def rate_key(address: str) -> str:
    """What shares one rate: an IPv4 address, or the /64 that one IPv6 subscriber owns."""
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
