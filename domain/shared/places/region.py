"""Normalises names of provinces and cities: 北京市 becomes 北京, 内蒙古自治区 becomes 内蒙古.

Results are always names of `provinces.py`, so the regions that statistics count are a bounded set.
"""

from domain.shared.model import Model
from domain.shared.places.provinces import CITIES_BY_PROVINCE, PROVINCES_IN_PINYIN

UNKNOWN = "未知"
"""The displayed name of an empty province or city."""

_PROVINCE_ENDINGS = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省", "市")
_CITY_ENDINGS = ("地区", "林区", "市", "盟", "县")

_PROVINCE_OF_CITY: dict[str, str] = {
    city: province
    for province, cities in CITIES_BY_PROVINCE.items()
    for city in cities
    if city == province or city not in CITIES_BY_PROVINCE or city in CITIES_BY_PROVINCE[city]
}  # 海南 alone means the province, not the prefecture of 青海


class Region(Model):
    """Normalised names; empty when unknown."""

    province: str = ""
    city: str = ""


def normalise_province(name: str) -> str:
    """One of PROVINCES, or empty when the name is not a province's."""
    name = "".join(name.split()) if not name.isascii() else name.strip()
    if name in CITIES_BY_PROVINCE:
        return name
    for ending in _PROVINCE_ENDINGS:
        if name.removesuffix(ending) in CITIES_BY_PROVINCE:
            return name.removesuffix(ending)
    return PROVINCES_IN_PINYIN.get(name.lower(), "")


def normalise_city(province: str, name: str) -> str:
    """One of the cities of a normalised province, or empty."""
    cities = CITIES_BY_PROVINCE.get(province, ())
    name = "".join(name.split())
    if name in cities:
        return name
    for ending in _CITY_ENDINGS:
        if name.endswith(ending) and name.removesuffix(ending) in cities:
            return name.removesuffix(ending)
    if name.endswith("自治州"):  # 延边朝鲜族自治州: the name starts with the place
        return next((city for city in cities if name.startswith(city)), "")
    return ""


def normalise_region(province: str, city: str) -> Region:
    """The region that two texts of any origin mean. A known city without a province determines its province."""
    known = normalise_province(province)
    if not known and not province.strip():
        bare = city.strip().removesuffix("市")
        known = _PROVINCE_OF_CITY.get(bare, "")
    return Region(province=known, city=normalise_city(known, city))
