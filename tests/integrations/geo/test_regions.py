"""Regions of IP addresses from the bundled offline database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.places.provinces import CITIES_BY_PROVINCE
from domain.shared.places.region import Region
from integrations.geo.regions import Ip2RegionFinder


@pytest.fixture(scope="module")
def finder() -> Iterator[Ip2RegionFinder]:
    finder = Ip2RegionFinder()
    yield finder
    finder.close()


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("219.142.0.1", Region(province="北京", city="北京")),
        ("202.96.128.86", Region(province="广东", city="广州")),
        ("202.96.209.5", Region(province="上海", city="上海")),
        ("::ffff:202.96.128.86", Region(province="广东", city="广州")),
    ],
)
def test_a_chinese_address_has_a_province_and_a_city(finder: Ip2RegionFinder, address: str, region: Region) -> None:
    assert finder.region_of(address) == region


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.1",
        "255.255.255.255",
        "2001:db8::1",
        "240e::1",
        "",
        "unknown",
        "202.96.128.86:80",
        "１.2.3.4",
    ],
)
def test_foreign_private_and_malformed_addresses_have_no_region(finder: Ip2RegionFinder, address: str) -> None:
    assert finder.region_of(address) is None


@given(address=st.ip_addresses(v=4).map(str))
def test_every_region_is_a_known_place(finder: Ip2RegionFinder, address: str) -> None:
    region = finder.region_of(address)

    assert region is None or region.city in ("", *CITIES_BY_PROVINCE[region.province])


def test_a_missing_database_fails_at_construction(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Ip2RegionFinder(tmp_path / "none.xdb")
