"""The people of the demonstration. All of them are invented; the same key is always the same person.

The history that is put into an empty database and the phones that log in later know the same regulars by their keys,
so that somebody from the history comes back as the account that is already there.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from integrations.local.demo.places import Place, somewhere

REGULARS = 1_200


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words("芳 娟 敏 静 丽 婷 雪 梅 燕 琳 欣怡 雨桐 思涵 晓燕 佳宁 梦洁 诗雨 可心 若溪 美玲 慧敏 秀英 嘉怡 子涵")
MEN = _words("伟 强 磊 洋 勇 军 杰 涛 超 明 浩然 子轩 建国 志强 宇航 俊杰 文博 天佑 家豪 晨曦 海涛 立新 振华 一鸣")
SURNAMES = _words(
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓"
)
_CHILDREN = _words("豆豆 果果 糖糖 安安 乐乐 朵朵 米粒 小满 团团 圆圆 阳阳 可乐 辰辰 芒果 多多 妞妞 毛豆 元宝")
_MOODS = _words("清风 暖阳 小确幸 南山 向日葵 听雨 星河 慢慢来 橘子汽水 云淡 夏天的风 半糖 拾光 山海 初见 栀子花开")
_TAILS = ("", "", "～", "呀", "1990", "88", "_", "·", "520", "先生", "同学", "小屋")
_PINYIN = _words("wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo")

_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.61",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.54",
    "Mozilla/5.0 (Linux; Android 15; 24129PN74C) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0.60",
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/126.0 Mobile MicroMessenger/8.0.57",
    "Mozilla/5.0 (Linux; Android 12; ALN-AL00) AppleWebKit/537.36 Chrome/114.0 Mobile MicroMessenger/8.0.55",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 ArkWeb/4.1 Mobile MicroMessenger/8.0.12",
)


def dice_of(key: str) -> Random:
    """The same key rolls the same numbers in every process."""
    return Random(key)  # noqa: S311  # invents people; nothing of it is secret


@dataclass(frozen=True)
class Person:
    key: str
    """Whom the WeChat simulator knows."""
    nickname: str
    gender: int
    home: Place
    address: str
    agent: str
    phone: str
    shares_phone: bool
    states_home: bool
    """Filled in where they live; of the others only the address tells."""
    username: str
    """Empty for the many who only ever come by WeChat."""

    def address_now(self, dice: Random) -> str:
        """Mostly at home; sometimes on the road."""
        return self.address if dice.random() < 0.85 else somewhere(dice).address(dice)

    def profile(self) -> dict[str, str | int]:
        fields: dict[str, str | int] = {"nickname": self.nickname, "gender": self.gender, "language": "zh_CN"}
        if self.states_home:
            fields |= {"country": "中国", "province": self.home.province, "city": self.home.city}
        return fields


@cache
def regulars() -> tuple[Person, ...]:
    """Those who were there before the demonstration began. No two share a phone or a username."""
    return tuple(_person(f"regular-{number:04}", f"1990000{number:04}", str(number)) for number in range(REGULARS))


def newcomer(key: str) -> Person:
    number = dice_of(f"{key}/number").randrange(10**6)
    return _person(f"newcomer-{key}", f"19901{number:06}", f"{number}n")


def _person(key: str, phone: str, mark: str) -> Person:
    dice = dice_of(key)
    gender = dice.choices((1, 2, 0), (34, 56, 10))[0]
    home = somewhere(dice)
    return Person(
        key=key,
        nickname=_nickname(dice, gender),
        gender=gender,
        home=home,
        address=home.address(dice),
        agent=dice.choice(_AGENTS),
        phone=phone,
        shares_phone=dice.random() < 0.76,
        states_home=dice.random() < 0.45,
        username=f"{dice.choice(_PINYIN)}_{mark}" if dice.random() < 0.12 else "",
    )


def _nickname(dice: Random, gender: int) -> str:
    woman = gender == 2 or (gender == 0 and dice.random() < 0.5)
    surname, given = dice.choice(SURNAMES), dice.choice(WOMEN if woman else MEN)
    return dice.choice(
        (
            surname + given,
            f"{surname}{'姐' if woman else '哥'}",
            f"小{surname}",
            f"阿{given[-1]}",
            f"{dice.choice(_CHILDREN)}{'妈妈' if woman else '爸爸'}",
            dice.choice(_MOODS) + dice.choice(_TAILS),
            given * 2 if len(given) == 1 else given,
        )
    )
