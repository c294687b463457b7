"""All routes, in the order in which they are matched and documented."""

from http_api.endpoint import Endpoint
from http_api.routes import auth, miniprogram_profile, miniprogram_sessions, miniprogram_staff, realtime, statistics
from http_api.routes.contract_endpoints import contract_endpoints


def all_endpoints() -> list[Endpoint]:
    return [
        *auth.endpoints.all,
        *miniprogram_sessions.endpoints.all,
        *miniprogram_profile.endpoints.all,
        *statistics.endpoints.all,  # before the routes of one user, whose id would match its path
        *miniprogram_staff.endpoints.all,
        *realtime.endpoints.all,
        *contract_endpoints(),
    ]
