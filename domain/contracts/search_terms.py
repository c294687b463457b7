"""Search terms of a contract: the parts of its names, and the beginnings and ends of its numbers.

A search looks up one whole term in an index. A text index is not available on every MongoDB server, and a regular
expression would scan all contracts.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from domain.contracts.model import Contract

MAX_TERM_LENGTH: Final = 20
_MAX_NAME_PART: Final = 8


def search_term(typed: str) -> str:
    """The normalized form of a search input; empty when it is too long to match."""
    folded = "".join(unicodedata.normalize("NFKC", typed).casefold().split())
    return folded if len(folded) <= MAX_TERM_LENGTH else ""


def search_terms_of(contract: Contract) -> list[str]:
    """All terms that find this contract, sorted."""
    found: set[str] = set()
    for name in (contract.customer_name, contract.worker_name):
        found |= set(_substrings(search_term(name)))
    for phone in (contract.customer_phone, contract.worker_phone):
        found |= set(_prefixes_and_suffixes(phone, 3))
    found |= set(_prefixes_and_suffixes(search_term(contract.contract_number), 4))
    card = search_term(contract.worker_id_card)
    found |= {card, card[-4:]} if card else set()
    return sorted(found)


def _substrings(name: str) -> Iterator[str]:
    for start in range(len(name)):
        for end in range(start + 1, min(len(name), start + _MAX_NAME_PART) + 1):
            yield name[start:end]


def _prefixes_and_suffixes(number: str, shortest: int) -> Iterator[str]:
    """All prefixes from `shortest` characters (`138`, `1380` …), and the suffixes of 4, 6 and 8 characters."""
    for length in range(shortest, len(number) + 1):
        yield number[:length]
    for length in (4, 6, 8):
        if len(number) > length:
            yield number[-length:]
