"""Interprets a search text: start or end of a phone number, start of an account name, part of a nickname, or openid.

Nicknames are indexed by n-grams: each character and each pair of adjacent characters, stored with the account. A
search requires all n-grams of its text, so it is exact for any number of users and costs as much as its rarest n-gram.
"""

import re

from domain.shared.model import Model
from domain.shared.phone import normalise_phone

MIN_PREFIX_LENGTH = 3
"""A shorter prefix would match a large part of all accounts."""
PHONE_TAIL_LENGTHS = range(4, 9)
"""The list shows the last four digits; people know the last eight by heart."""
MAX_SEARCH_LENGTH = 64

_OPENID = re.compile(r"[0-9A-Za-z_-]{6,64}")
_USERNAME_START = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class SearchTerms(Model):
    """The possible meanings of a search text; an empty one does not apply."""

    phone_prefix: str = ""
    phone_tail: str = ""
    username_prefix: str = ""
    nickname: str = ""
    openid: str = ""


def search_terms(text: str) -> SearchTerms:
    text = " ".join(text.split())
    digits = _phone_digits(text)
    username = text.lower() if _USERNAME_START.fullmatch(text) else ""
    return SearchTerms(
        phone_prefix=digits if len(digits) >= MIN_PREFIX_LENGTH else "",
        phone_tail=digits if len(digits) in PHONE_TAIL_LENGTHS else "",
        username_prefix=username if len(username) >= MIN_PREFIX_LENGTH else "",
        nickname=text.lower(),
        openid=text if _OPENID.fullmatch(text) else "",
    )


def _phone_digits(text: str) -> str:
    try:
        return normalise_phone(text)
    except ValueError:  # not a whole number: perhaps a prefix
        digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
        return digits if digits.isascii() and digits.isdigit() else ""


def phone_tails(phone: str) -> tuple[str, ...]:
    """The ends of a phone number that find it."""
    return tuple(phone[-length:] for length in PHONE_TAIL_LENGTHS if len(phone) >= length)


def nickname_ngrams(nickname: str) -> tuple[str, ...]:
    """Characters and adjacent pairs, lower case, without duplicates."""
    text = nickname.lower()
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return tuple(dict.fromkeys([*text, *pairs]))


def required_ngrams(text: str) -> tuple[str, ...]:
    """The n-grams that every nickname containing `text` has. Pairs only, where there are any: they are rarer."""
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    return tuple(dict.fromkeys(pairs or text))


def prefix_upper_bound(prefix: str) -> str:
    """The smallest text greater than all texts with this prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
