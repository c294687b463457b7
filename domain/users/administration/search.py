"""What a text in the search box may mean: the beginning of a phone number or account name, a nickname, an openid.

Nicknames are found by their *grams*: each character and each pair of neighbours, stored with the account and indexed.
A search asks for all grams of the text, so it is exact for any number of users, and costs what its rarest gram costs.
"""

import re

from domain.shared.model import Model
from domain.shared.phone import normalise_phone

SHORTEST_PREFIX = 3
"""Fewer digits or letters would match a large part of all accounts."""
LONGEST_SEARCH = 64

_OPENID = re.compile(r"[0-9A-Za-z_-]{6,64}")
_USERNAME_START = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class SearchTerms(Model):
    """Empty ones do not apply."""

    phone_prefix: str = ""
    username_prefix: str = ""
    nickname: str = ""
    openid: str = ""


def search_terms(text: str) -> SearchTerms:
    text = " ".join(text.split())
    digits = _phone_digits(text)
    username = text.lower() if _USERNAME_START.fullmatch(text) else ""
    return SearchTerms(
        phone_prefix=digits if len(digits) >= SHORTEST_PREFIX else "",
        username_prefix=username if len(username) >= SHORTEST_PREFIX else "",
        nickname=text.lower(),
        openid=text if _OPENID.fullmatch(text) else "",
    )


def _phone_digits(text: str) -> str:
    try:
        return normalise_phone(text)
    except ValueError:  # not a whole number: perhaps its beginning
        digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
        return digits if digits.isascii() and digits.isdigit() else ""


def grams(nickname: str) -> tuple[str, ...]:
    """Single characters and pairs, lower case, each once."""
    text = nickname.lower()
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return tuple(dict.fromkeys([*text, *pairs]))


def needed_grams(text: str) -> tuple[str, ...]:
    """What a nickname that contains `text` certainly has; pairs only, where there are any, since they are rarer."""
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    return tuple(dict.fromkeys(pairs or text))


def prefix_end(prefix: str) -> str:
    """The first text after all texts that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
