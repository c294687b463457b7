"""The route of the search of all areas."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.search import search

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*search.endpoints.all,)
