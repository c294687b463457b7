"""The invented people of the demonstration. The same key always gives the same person.

The seeded history and the simulated phones share the regulars: a regular who logs in later meets the account of the
history.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from integrations.local.demo.places import Place, random_place

REGULARS = 1_200


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words("芳 娟 敏 静 丽 婷 雪 梅 燕 琳 欣怡 雨桐 思涵 晓燕 佳宁 梦洁 诗雨 可心 若溪 美玲 慧敏 秀英 嘉怡 子涵")
MEN = _words("伟 强 磊 洋 勇 军 杰 涛 超 明 浩然 子轩 建国 志强 宇航 俊杰 文博 天佑 家豪 晨曦 海涛 立新 振华 一鸣")
SURNAMES = _words(
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓"
)
_CHILDREN = _words("豆豆 果果 糖糖 安安 乐乐 朵朵 米粒 小满 团团 圆圆 阳阳 可乐 辰辰 芒果 多多 妞妞 毛豆 元宝")
_NICKNAME_PHRASES = _words(
    "清风 暖阳 小确幸 南山 向日葵 听雨 星河 慢慢来 橘子汽水 云淡 夏天的风 半糖 拾光 山海 初见 栀子花开"
)
_NICKNAME_SUFFIXES = ("", "", "～", "呀", "1990", "88", "_", "·", "520", "先生", "同学", "小屋")
_PINYIN = _words("wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo")

_USER_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.61",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.54",
    "Mozilla/5.0 (Linux; Android 15; 24129PN74C) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0.60",
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/126.0 Mobile MicroMessenger/8.0.57",
    "Mozilla/5.0 (Linux; Android 12; ALN-AL00) AppleWebKit/537.36 Chrome/114.0 Mobile MicroMessenger/8.0.55",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 ArkWeb/4.1 Mobile MicroMessenger/8.0.12",
)


def seeded_random(key: str) -> Random:
    """The same sequence for the same key in every process."""
    return Random(key)  # noqa: S311  # for invented data, nothing secret


@dataclass(frozen=True)
class Person:
    key: str
    """Identifies the person at the WeChat simulator."""
    nickname: str
    gender: int
    home: Place
    ip_address: str
    user_agent: str
    phone: str
    shares_phone: bool
    states_region: bool
    """The profile has a region. For the others the region is derived from the IP address."""
    username: str
    """Empty for people who log in by WeChat only."""

    def current_ip(self, rng: Random) -> str:
        """The home address most of the time, else an address of a random place."""
        return self.ip_address if rng.random() < 0.85 else random_place(rng).random_ip(rng)

    def profile(self) -> dict[str, str | int]:
        fields: dict[str, str | int] = {"nickname": self.nickname, "gender": self.gender, "language": "zh_CN"}
        if self.states_region:
            fields |= {"country": "中国", "province": self.home.province, "city": self.home.city}
        return fields


@cache
def regulars() -> tuple[Person, ...]:
    """The people of the seeded history. Phones and usernames are unique."""
    return tuple(_person(f"regular-{number:04}", f"1990000{number:04}", str(number)) for number in range(REGULARS))


def newcomer(key: str) -> Person:
    number = seeded_random(f"{key}/number").randrange(10**6)
    return _person(f"newcomer-{key}", f"19901{number:06}", f"{number}n")


def _person(key: str, phone: str, mark: str) -> Person:
    rng = seeded_random(key)
    gender = rng.choices((1, 2, 0), (34, 56, 10))[0]
    home = random_place(rng)
    return Person(
        key=key,
        nickname=_nickname(rng, gender),
        gender=gender,
        home=home,
        ip_address=home.random_ip(rng),
        user_agent=rng.choice(_USER_AGENTS),
        phone=phone,
        shares_phone=rng.random() < 0.76,
        states_region=rng.random() < 0.45,
        username=f"{rng.choice(_PINYIN)}_{mark}" if rng.random() < 0.12 else "",
    )


def _nickname(rng: Random, gender: int) -> str:
    woman = gender == 2 or (gender == 0 and rng.random() < 0.5)
    surname, given = rng.choice(SURNAMES), rng.choice(WOMEN if woman else MEN)
    return rng.choice(
        (
            surname + given,
            f"{surname}{'姐' if woman else '哥'}",
            f"小{surname}",
            f"阿{given[-1]}",
            f"{rng.choice(_CHILDREN)}{'妈妈' if woman else '爸爸'}",
            rng.choice(_NICKNAME_PHRASES) + rng.choice(_NICKNAME_SUFFIXES),
            given * 2 if len(given) == 1 else given,
        )
    )
