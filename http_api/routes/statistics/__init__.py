"""The routes of the statistics area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.statistics import user_statistics

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*user_statistics.endpoints.all,)
