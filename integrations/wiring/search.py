"""The search of all areas: it asks the searchers that they have registered."""

from collections.abc import Iterable
from typing import Any

from domain.search.service import GlobalSearch
from integrations.wiring.area import Area


def wire_search(areas: Iterable[Area[Any]]) -> Area[GlobalSearch]:
    return Area(name="search", services=GlobalSearch([area.searcher for area in areas if area.searcher is not None]))
