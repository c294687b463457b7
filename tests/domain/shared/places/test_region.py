"""Normalised names of provinces and cities."""

import pytest

from domain.shared.places.provinces import CITIES_BY_PROVINCE, PROVINCES, PROVINCES_IN_PINYIN
from domain.shared.places.region import Region, normalise_city, normalise_province, normalise_region


def test_there_are_thirty_four_provinces_and_each_has_its_pinyin() -> None:
    assert len(PROVINCES) == 34
    assert set(PROVINCES_IN_PINYIN.values()) == set(PROVINCES)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("北京", "北京"),
        ("北京市", "北京"),
        (" 北京市 ", "北京"),
        ("广东省", "广东"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("宁夏回族自治区", "宁夏"),
        ("新疆维吾尔自治区", "新疆"),
        ("西藏自治区", "西藏"),
        ("香港特别行政区", "香港"),
        ("Guangdong", "广东"),
        ("Inner Mongolia", "内蒙古"),
        ("Shaanxi", "陕西"),
        ("Shanxi", "山西"),
        ("California", ""),
        ("0", ""),
        ("", ""),
        ("深圳", ""),
    ],
)
def test_a_province_has_one_name(name: str, normal: str) -> None:
    assert normalise_province(name) == normal


@pytest.mark.parametrize(
    ("province", "name", "normal"),
    [
        ("北京", "北京市", "北京"),
        ("吉林", "吉林市", "吉林"),
        ("吉林", "延边朝鲜族自治州", "延边"),
        ("贵州", "黔西南布依族苗族自治州", "黔西南"),
        ("贵州", "黔南", "黔南"),
        ("青海", "海南藏族自治州", "海南"),
        ("内蒙古", "锡林郭勒盟", "锡林郭勒"),
        ("西藏", "阿里地区", "阿里"),
        ("湖北", "神农架林区", "神农架"),
        ("台湾", "新竹县", "新竹县"),
        ("台湾", "新竹市", "新竹"),
        ("广东", "杭州市", ""),
        ("", "深圳市", ""),
        ("广东", "<script>", ""),
    ],
)
def test_a_city_has_one_name_within_its_province(province: str, name: str, normal: str) -> None:
    assert normalise_city(province, name) == normal


@pytest.mark.parametrize("province", PROVINCES)
def test_normalised_names_are_unchanged(province: str) -> None:
    assert normalise_province(province) == province
    for city in CITIES_BY_PROVINCE[province]:
        assert normalise_city(province, city) == city
        assert normalise_city(province, city + "市") == city


@pytest.mark.parametrize(
    ("province", "city", "region"),
    [
        ("广东省", "深圳市", Region(province="广东", city="深圳")),
        ("", "深圳市", Region(province="广东", city="深圳")),
        ("", "海南", Region()),  # ambiguous: the province, or the prefecture of 青海
        ("", "吉林市", Region(province="吉林", city="吉林")),
        ("广东省", "", Region(province="广东")),
        ("加利福尼亚", "深圳", Region()),
        ("", "", Region()),
    ],
)
def test_a_region_is_determined_from_both_names(province: str, city: str, region: Region) -> None:
    assert normalise_region(province, city) == region
