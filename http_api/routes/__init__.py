"""All routes, in the order in which they are matched and documented."""

from http_api.endpoint import Endpoint
from http_api.routes import (
    auth,
    interview_invites,
    interview_rooms,
    miniprogram_profile,
    miniprogram_sessions,
    miniprogram_staff,
    realtime,
    statistics,
    zego,
    zego_callback,
    zego_polls,
)
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
        *interview_rooms.endpoints.all,
        *interview_invites.endpoints.all,
        *zego.endpoints.all,
        *zego_polls.endpoints.all,
        *zego_callback.endpoints.all,
    ]
