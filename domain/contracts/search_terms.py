"""What a search of contracts finds: every part of a name, the beginnings and ends of numbers. Each is looked up whole.

A text index is not to be had everywhere, and a pattern would read every contract; a list of terms in an index does not.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from domain.contracts.model import Contract

LONGEST_TERM: Final = 20
_NAME_PART: Final = 8


def search_term(typed: str) -> str:
    """What was typed, as it is looked up; empty when nothing can be found with it."""
    folded = "".join(unicodedata.normalize("NFKC", typed).casefold().split())
    return folded if len(folded) <= LONGEST_TERM else ""


def search_terms_of(contract: Contract) -> list[str]:
    found: set[str] = set()
    for name in (contract.customer_name, contract.worker_name):
        found |= set(_parts(search_term(name)))
    for phone in (contract.customer_phone, contract.worker_phone):
        found |= set(_ends(phone, 3))
    found |= set(_ends(search_term(contract.contract_number), 4))
    card = search_term(contract.worker_id_card)
    found |= {card, card[-4:]} if card else set()
    return sorted(found)


def _parts(name: str) -> Iterator[str]:
    for start in range(len(name)):
        for end in range(start + 1, min(len(name), start + _NAME_PART) + 1):
            yield name[start:end]


def _ends(number: str, shortest: int) -> Iterator[str]:
    """`138`, `1380`, ... the whole; and the last four, six and eight."""
    for length in range(shortest, len(number) + 1):
        yield number[:length]
    for length in (4, 6, 8):
        if len(number) > length:
            yield number[-length:]
