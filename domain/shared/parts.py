"""Parts of a sequence, for work that takes a limited number of items at once."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def parts_of(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    """The items in their order, at most so many in each part."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
