"""English names of provinces and cities."""

from domain.shared.places.place_names import ENGLISH_NAMES
from domain.shared.places.provinces import CITIES_BY_PROVINCE


def test_every_province_and_city_has_an_english_name() -> None:
    places = {name for province, cities in CITIES_BY_PROVINCE.items() for name in (province, *cities)}

    assert ENGLISH_NAMES.keys() == places
    assert all(
        name[0].isupper() and not any("一" <= letter <= "鿿" for letter in name) for name in ENGLISH_NAMES.values()
    )


def test_names_stand_beside_their_places() -> None:
    known = {
        "广东": "Guangdong",
        "深圳": "Shenzhen",
        "呼和浩特": "Hohhot",
        "澳门": "Macau",
        "五家渠": "Wujiaqu",
        "海南": "Hainan",
    }

    assert {name: ENGLISH_NAMES[name] for name in known} == known
