"""Routes of the pictures of accounts (头像)."""

from domain.shared.errors import NotFound, PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text
from domain.staff.pictures import AREA as STAFF_AREA
from domain.users.errors import UserNotFound
from domain.users.pictures import AREA as USERS_AREA
from http_api.core.access import MiniProgramUser, Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS, USER_ERRORS
from http_api.core.upload import NoFields, Upload, received_form
from http_api.routes.files.answers import FORM_ERRORS, TAG

staff_endpoints = Endpoints("/api/auth", tag=TAG)
user_endpoints = Endpoints("/api/miniprogram-users", tag=TAG)

AVATAR = Upload("avatar", NoFields)
UPLOADED = Text("头像上传成功", "Picture saved")


class AvatarAnswer(Model):
    avatar: str


@staff_endpoints.post(
    "/avatar",
    access=Staff(),
    rate_limit=RateLimit.UPLOAD,
    audit="staff.set-avatar",
    message=UPLOADED,
    raises=(*STAFF_ERRORS, *FORM_ERRORS, NotFound),
    upload=AVATAR,
)
async def set_own_avatar(context: RequestContext) -> AvatarAnswer:
    """上传本人头像 · your own picture"""
    return await _replace(context, STAFF_AREA, context.staff.id)


@user_endpoints.post(
    "/avatar",
    access=MiniProgramUser(),
    rate_limit=RateLimit.UPLOAD,
    audit="miniprogram-user.set-own-avatar",
    message=UPLOADED,
    raises=(*USER_ERRORS, UserNotFound, *FORM_ERRORS),
    upload=AVATAR,
)
async def set_own_user_avatar(context: RequestContext) -> AvatarAnswer:
    """上传本人头像 · your own picture"""
    return await _replace(context, USERS_AREA, context.actor.id)


@user_endpoints.post(
    "/{user_id}/avatar",
    access=Staff("miniprogram-user:edit"),
    rate_limit=RateLimit.UPLOAD,
    audit="miniprogram-user.set-avatar",
    message=UPLOADED,
    raises=(*STAFF_ERRORS, *FORM_ERRORS, UserNotFound, PermissionDenied),
    upload=AVATAR,
)
async def set_user_avatar(context: RequestContext, user_id: EntityId) -> AvatarAnswer:
    """更换用户头像 · replace a user's picture"""
    return await _replace(context, USERS_AREA, user_id)


async def _replace(context: RequestContext, area: str, account_id: str) -> AvatarAnswer:
    files = context.services.files
    async with received_form(context.request, files.spool, AVATAR, files.limits.image_bytes) as form:
        url = await files.avatars.replace(area, account_id, form.file, form.name, context.reader, context.actor)
    return AvatarAnswer(avatar=url)
