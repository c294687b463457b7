"""All routes, in the order in which they are matched and documented."""

from http_api.endpoint import Endpoint
from http_api.routes import auth


def all_endpoints() -> list[Endpoint]:
    return [*auth.endpoints.all]
