"""The use cases of statistics."""

from dataclasses import dataclass

from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService


@dataclass(frozen=True, slots=True)
class StatisticsServices:
    figures: StatisticsService
    publisher: StatisticsPublisher
    """Has `background`; its `changed` is called when a figure is not what was pushed last."""
