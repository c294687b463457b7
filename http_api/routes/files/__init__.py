"""Routes of the files area."""

from http_api.routes.files import avatars, content, files, recognition, sessions

ENDPOINTS = (
    *files.endpoints.all,
    *sessions.endpoints.all,
    *content.endpoints.all,
    *recognition.endpoints.all,
    *avatars.staff_endpoints.all,
    *avatars.user_endpoints.all,
)
