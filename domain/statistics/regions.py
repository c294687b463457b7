"""Regional distribution (地域分布) of users."""

from domain.shared.model import Model
from domain.statistics.daily_counters import DailyCounters

GROUPS = ("counts", "regions")


class CityCount(Model):
    city: str
    count: int
    share: float
    """The share of the province's users."""


class ProvinceCount(Model):
    province: str
    """The short normalised name, or 未知."""
    count: int
    share: float
    cities: list[CityCount]


class Regions(Model):
    """Largest first. The counts sum up to `total`."""

    total: int
    regions: list[ProvinceCount]


def regions(daily: DailyCounters) -> Regions:
    provinces: dict[str, dict[str, int]] = {}
    for place, count in daily.total.group("regions").items():
        province, city = place.split("/", 1)
        provinces.setdefault(province, {})[city] = count
    total = sum(sum(cities.values()) for cities in provinces.values())
    listed = [_province(name, cities, total) for name, cities in provinces.items()]
    return Regions(total=total, regions=sorted(listed, key=lambda each: (-each.count, each.province)))


def _province(name: str, cities: dict[str, int], total: int) -> ProvinceCount:
    count = sum(cities.values())
    listed = [CityCount(city=city, count=users, share=_share(users, count)) for city, users in cities.items()]
    return ProvinceCount(
        province=name,
        count=count,
        share=_share(count, total),
        cities=sorted(listed, key=lambda each: (-each.count, each.city)),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
