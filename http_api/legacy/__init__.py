"""Routes that exist only for the shape, flow or leniency that legacy clients need."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.legacy import zego, zego_polling

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*zego.endpoints.all, *zego_polling.endpoints.all)
