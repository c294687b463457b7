"""Which new passwords are refused because they are guessed first: common ones, patterns, and the account's own name."""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Final

from domain.shared.errors import InvalidRequest
from domain.shared.text import Text

_COMMON: Final = frozenset(
    line
    for line in files("domain.shared").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
_ROWS: Final = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Of the alphabet and of a keyboard."""
_WORD: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
"""Digits and punctuation around a word, which guessers try with each (`Password123!`)."""
_MIN_OWN_LENGTH: Final = 3
_MIN_BESIDE_OWN: Final = 6
_MIN_CONSECUTIVE: Final = 5

_COMMON_TEXT: Final = Text("密码过于常见，容易被猜到", "this password is among the commonest and easily guessed")
_PATTERN_TEXT: Final = Text(
    "密码不能只是重复或连续的字符", "the password must be more than repeated or consecutive characters"
)
_OWN_TEXT: Final = Text(
    "密码不能由账号、姓名或手机号构成", "the password must not be made of the account's name or phone number"
)


class WeakPassword(InvalidRequest):
    """`reason` says what is wrong with the password."""

    code = "WEAK_PASSWORD"
    text = Text("密码过于简单", "The password is too easy to guess")

    def __init__(self, reason: Text) -> None:
        super().__init__()
        self.reason = reason

    @property
    def shown_text(self) -> Text:
        return Text(f"{self.text.zh}：{self.reason.zh}", f"{self.text.en}: {self.reason.en}")


def weakness_of(password: str, own: Sequence[str] = ()) -> Text | None:
    """The reason to refuse a new password, or None. `own`: names and phone numbers of its account."""
    folded = password.casefold()
    if any(_is_mostly(folded, value.casefold()) for value in own):
        return _OWN_TEXT
    if _is_repeated(folded) or _is_consecutive(folded):
        return _PATTERN_TEXT
    return _COMMON_TEXT if folded in _COMMON or _WORD.sub("", folded) in _COMMON else None


def require_strong(password: str, own: Sequence[str] = ()) -> None:
    """Raises WeakPassword."""
    weakness = weakness_of(password, own)
    if weakness is not None:
        raise WeakPassword(weakness)


def _is_mostly(password: str, own: str) -> bool:
    """True if the password is `own`, a part of it, or `own` with a few characters more."""
    if len(own) < _MIN_OWN_LENGTH:
        return False
    return password in own or (own in password and len(password.replace(own, "")) < _MIN_BESIDE_OWN)


def _is_repeated(password: str) -> bool:
    """True for `aaaaaaaa`, `12121212`, `passwordpassword`, and for less than four different characters."""
    return len(set(password)) < 4 or password in (password + password)[1:-1]


def _is_consecutive(password: str) -> bool:
    """True if all steps but two follow a row, forwards or backwards, as in `12345678`, `87654321a`, `abcd4321`."""
    steps = list(pairwise(password))
    return sum(step in _NEIGHBOURS for step in steps) >= max(len(steps) - 2, _MIN_CONSECUTIVE)


def _neighbours() -> Iterator[tuple[str, str]]:
    for row in _ROWS:
        yield from pairwise(row)
        yield from pairwise(reversed(row))


_NEIGHBOURS: Final = frozenset(_neighbours())
