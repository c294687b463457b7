"""The timeline of a customer: it asks the sources that the areas have registered."""

from collections.abc import Iterable
from typing import Any

from domain.customers.queries import CustomerQueries
from domain.customers.timeline.service import CustomerTimeline
from integrations.wiring.area import Area


def wire_timeline(areas: Iterable[Area[Any]], customers: CustomerQueries) -> Area[CustomerTimeline]:
    sources = [source for area in areas for source in area.timeline]
    return Area(name="timeline", services=CustomerTimeline(customers, sources))
