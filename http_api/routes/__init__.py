"""All routes, in the order in which they are matched and documented."""

from http_api.core.endpoint import Endpoint
from http_api.legacy import zego
from http_api.legacy import zego_polling as zego_polls
from http_api.routes import contracts
from http_api.routes.interviews import invites as interview_invites
from http_api.routes.interviews import media_callback as zego_callback
from http_api.routes.interviews import rooms as interview_rooms
from http_api.routes.presence import connections as realtime
from http_api.routes.staff import authentication as auth
from http_api.routes.statistics import user_statistics as statistics
from http_api.routes.users import administration as miniprogram_staff
from http_api.routes.users import profile as miniprogram_profile
from http_api.routes.users import sessions as miniprogram_sessions


def all_endpoints() -> list[Endpoint]:
    return [
        *auth.endpoints.all,
        *miniprogram_sessions.endpoints.all,
        *miniprogram_profile.endpoints.all,
        *statistics.endpoints.all,  # before the routes of one user, whose id would match its path
        *miniprogram_staff.endpoints.all,
        *realtime.endpoints.all,
        *contracts.ENDPOINTS,
        *interview_rooms.endpoints.all,
        *interview_invites.endpoints.all,
        *zego.endpoints.all,
        *zego_polls.endpoints.all,
        *zego_callback.endpoints.all,
    ]
