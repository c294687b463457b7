"""Rules about addresses in settings: origins of pages, web addresses, links for guests, networks of proxies."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from domain.shared.ip_addresses import IpNetwork

_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_ORIGIN: Final = re.compile(rf"https?://(?:{_HOST})(?::[0-9]{{1,5}})?")
_WEB_ADDRESS: Final = re.compile(rf"({_ORIGIN.pattern})(?:[/?#][^\s\\]*)?")
_PATH: Final = re.compile(r"/(?:[^\s\\/][^\s\\]*)?")
_LOOPBACK_NAME: Final = "localhost"
_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_SHORTEST_PUBLIC_PREFIX: Final = {4: 13, 6: 29}
"""The widest public ranges from which content delivery networks call."""


def is_origin(text: str) -> bool:
    """True for an `Origin` as browsers send it: scheme, host in lower case, port; no path. `null` is none."""
    if _ORIGIN.fullmatch(text) is None:
        return False
    try:
        _ = urlsplit(text).port
    except ValueError:  # above 65535
        return False
    return True


def origin_of(address: str) -> str:
    """The origin of a web address; empty when it is none."""
    found = _WEB_ADDRESS.match(address)
    return found[1] if found else ""


def is_web_address(address: str) -> bool:
    """An absolute http or https address with a host."""
    return _WEB_ADDRESS.fullmatch(address) is not None


def is_https(address: str) -> bool:
    return is_web_address(address) and address.startswith("https:")


def is_loopback(address: str) -> bool:
    """True if a web address leads to this machine."""
    host = urlsplit(address).hostname if is_web_address(address) else None
    if host is None or host == _LOOPBACK_NAME:
        return host is not None
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    known = getattr(found, "ipv4_mapped", None) or found
    return bool(known.is_loopback or known.is_unspecified)  # the unspecified address leads to this machine, too


def may_be_redirected_to(address: str) -> bool:
    """https, or an app's own scheme (`alipays:`); not what a browser would run or show without a server."""
    scheme = urlsplit(address).scheme.lower()
    return is_https(address) or scheme not in ("", "http", "https", "javascript", "data", "vbscript", "file", "blob")


def is_guest_link(address: str, *, production: bool) -> bool:
    """A path of this installation, https, or in development http on loopback. Nothing else, such as `javascript:`."""
    is_path = _PATH.fullmatch(address) is not None
    return is_path or is_https(address) or (not production and is_loopback(address))


def is_too_broad(network: IpNetwork) -> bool:
    """True if addresses of strangers are in the network."""
    if isinstance(network, ipaddress.IPv6Network) and network.supernet_of(_MAPPED):
        return True
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        network = ipaddress.ip_network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    if any(network.version == each.version and network.subnet_of(each) for each in _PRIVATE):  # type: ignore[arg-type]
        return False
    return network.prefixlen < _SHORTEST_PUBLIC_PREFIX[network.version]
