"""Search terms of a customer: parts of the name, its pinyin and initials, phone, WeChat id and number.

A search looks up whole terms in an index; nothing is scanned.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from domain.customers.model import Customer
from domain.shared.pinyin import syllables

MAX_TERM_LENGTH: Final = 24
PHONE_TAILS: Final = range(4, 9)
_MAX_NAME: Final = 8
"""Characters of a name that are searched; longer ones are remarks."""


def search_term(typed: str) -> str:
    """The normalised form of a search input; too long a text matches nothing."""
    return "".join(unicodedata.normalize("NFKC", typed).casefold().split())


def search_terms_of(customer: Customer) -> list[str]:
    """All terms that find this customer, sorted."""
    name = search_term(customer.name)[:_MAX_NAME]
    found = {*_substrings(name), *_pinyin_terms(name)}
    found |= {customer.phone, *(customer.phone[-length:] for length in PHONE_TAILS if len(customer.phone) > length)}
    found |= {search_term(customer.wechat_id), search_term(customer.customer_id)}
    return sorted(term for term in found if 0 < len(term) <= MAX_TERM_LENGTH)


def _substrings(text: str, shortest: int = 1) -> Iterator[str]:
    for start in range(len(text)):
        for end in range(start + shortest, len(text) + 1):
            yield text[start:end]


def _pinyin_terms(name: str) -> Iterator[str]:
    """Beginnings of the pinyin (`wang`, `wangxi` …), whole syllables from any on (`xiao`, `xiaofang`), and two or more
    initials (`wx`)."""
    spoken = syllables(name)
    yield from _substrings("".join(syllable[0] for syllable in spoken), 2)
    whole = "".join(spoken)
    yield from (whole[:length] for length in range(2, len(whole) + 1))
    for start in range(1, len(spoken)):
        yield from ("".join(spoken[start:end]) for end in range(start + 1, len(spoken) + 1))
