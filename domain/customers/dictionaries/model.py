"""A dictionary (字典): the values of an enumerated field of customers, edited by administrators."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from domain.shared.entity import Entity
from domain.shared.model import Instant, Model
from domain.shared.plain_text import one_line

MAX_ENTRIES: Final = 200
OTHER: Final = "其他"
"""The lead source of unknown values; it always exists."""

DictionaryValue = Annotated[str, one_line(30, required=True)]
DictionaryLabel = Annotated[str, one_line(60)]


class DictionaryCode(StrEnum):
    """Named as the field of customers."""

    LEAD_SOURCE = "leadSource"
    SERVICE_CATEGORY = "serviceCategory"
    REST_SCHEDULE = "restSchedule"
    EDUCATION = "educationRequirement"


class DictionaryEntry(Model):
    value: DictionaryValue
    """Stored with customers, and shown in Chinese."""
    label_en: DictionaryLabel = ""
    retired: bool = False
    """Customers keep it; no other customer can get it."""


class Dictionary(Entity):
    """The entries are in the order in which forms show them."""

    code: DictionaryCode
    entries: tuple[DictionaryEntry, ...]
    updated_by: str = ""
    updated_at: Instant

    @property
    def active_values(self) -> tuple[str, ...]:
        return tuple(each.value for each in self.entries if not each.retired)

    def with_entries(self, entries: tuple[DictionaryEntry, ...], by: str, now: datetime) -> Self:
        return self.model_copy(update={"entries": entries, "updated_by": by, "updated_at": now})


def _entries(*pairs: tuple[str, str]) -> tuple[DictionaryEntry, ...]:
    return tuple(DictionaryEntry(value=value, label_en=label) for value, label in pairs)


FIRST_ENTRIES: Final[dict[DictionaryCode, tuple[DictionaryEntry, ...]]] = {
    DictionaryCode.LEAD_SOURCE: _entries(
        ("美团", "Meituan"),
        ("抖音", "Douyin"),
        ("快手", "Kuaishou"),
        ("小红书", "Xiaohongshu"),
        ("转介绍", "Referral"),
        ("99保姆网", "99 Baomu"),
        ("线索购买", "Purchased leads"),
        ("妈妈网", "Mama.cn"),
        ("宝宝树", "BabyTree"),
        ("官网", "Website"),
        (OTHER, "Other"),
    ),
    DictionaryCode.SERVICE_CATEGORY: _entries(
        ("月嫂", "Maternity nurse"),
        ("住家育儿嫂", "Live-in nanny"),
        ("保洁", "Cleaning"),
        ("住家保姆", "Live-in housekeeper"),
        ("养宠", "Pet care"),
        ("小时工", "Hourly help"),
        ("白班育儿", "Daytime childcare"),
        ("白班保姆", "Daytime housekeeper"),
        ("住家护老", "Live-in elder care"),
        ("家教", "Tutor"),
        ("陪伴师", "Companion"),
    ),
    DictionaryCode.REST_SCHEDULE: _entries(
        ("单休", "One day off a week"),
        ("双休", "Two days off a week"),
        ("无休", "No days off"),
        ("调休", "Days off by arrangement"),
        ("待定", "To be agreed"),
    ),
    DictionaryCode.EDUCATION: _entries(
        ("无学历", "None"),
        ("小学", "Primary school"),
        ("初中", "Middle school"),
        ("中专", "Secondary vocational"),
        ("职高", "Vocational high school"),
        ("高中", "High school"),
        ("大专", "College"),
        ("本科", "Bachelor"),
        ("研究生及以上", "Master or above"),
    ),
}
