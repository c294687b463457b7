"""Routes of files: upload, link, deletion. Paths and answers of uploads are those of the former system."""

from http import HTTPStatus
from typing import Literal

from aiohttp import web

from domain.files.access import draft_of
from domain.files.errors import FileKindUnknown, FileNotFound
from domain.files.kinds import KINDS
from domain.files.model import DRAFT_AREA, RecordRef, Variant
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.access import SignedIn, Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.core.upload import Upload, received_form
from http_api.routes.files.answers import FORM_ERRORS, TAG, AreaName, FileAnswer, FileId, KindName, LinkAnswer

endpoints = Endpoints("/api/upload", tag=TAG)

UPLOADED = Text("文件上传成功", "Uploaded")


class RecordFields(Model):
    """Which record the file belongs to; without, it is the uploader's own until a record takes it."""

    type: KindName
    area: AreaName = DRAFT_AREA
    record_id: EntityId | None = None

    def owner_for(self, context: RequestContext) -> RecordRef:
        if self.type not in KINDS:
            raise FileKindUnknown
        record_id = draft_of(context.reader) if self.area == DRAFT_AREA else self.record_id or ""
        return RecordRef(area=self.area, record_id=record_id, kind=self.type)


class VideoFields(RecordFields):
    type: KindName = "selfIntroductionVideo"


class SizeQuery(Model):
    size: Literal["small", "medium", "large"] | None = None
    """A thumbnail, for images."""

    @property
    def variant(self) -> Variant:
        return self.size or "original"


FILE = Upload("file", RecordFields)
VIDEO: Upload[RecordFields] = Upload("file", VideoFields)


@endpoints.post(
    "/file",
    access=Staff(),
    rate_limit=RateLimit.UPLOAD,
    audit="file.upload",
    message=UPLOADED,
    raises=(*STAFF_ERRORS, *FORM_ERRORS),
    status=HTTPStatus.CREATED,
    upload=FILE,
)
async def upload_file(context: RequestContext) -> FileAnswer:
    """上传图片或文件 · upload a picture or a file"""
    limits = context.services.files.limits
    return await _upload(context, FILE, max(limits.image_bytes, limits.file_bytes))


@endpoints.post(
    "/video",
    access=Staff(),
    rate_limit=RateLimit.UPLOAD,
    audit="file.upload",
    message=UPLOADED,
    raises=(*STAFF_ERRORS, *FORM_ERRORS),
    status=HTTPStatus.CREATED,
    upload=VIDEO,
)
async def upload_video(context: RequestContext) -> FileAnswer:
    """上传视频 · upload a video; large ones better in parts"""
    return await _upload(context, VIDEO, context.services.files.limits.video_bytes)


async def _upload(context: RequestContext, upload: Upload[RecordFields], max_bytes: int) -> FileAnswer:
    files = context.services.files
    async with received_form(context.request, files.spool, upload, max_bytes) as form:
        owner = form.fields.owner_for(context)
        stored = await files.library.store(form.file, owner, form.name, context.reader, context.actor)
    return FileAnswer.of(stored)


@endpoints.get(
    "/file/{file_id}",
    access=SignedIn(),
    rate_limit=RateLimit.READ,
    message=Text("文件地址", "The file's address"),
    raises=(FileNotFound,),
    status=HTTPStatus.TEMPORARY_REDIRECT,
    produces="text/plain",
)
async def open_file(context: RequestContext, file_id: FileId, query: SizeQuery) -> web.Response:
    """查看文件：跳转到限时链接 · open a file: redirects to a link that lives for minutes"""
    link = await context.services.files.links.link(file_id, query.variant, context.reader)
    return web.Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": link.url})


@endpoints.get(
    "/file/{file_id}/link", access=SignedIn(), rate_limit=RateLimit.READ, message=FETCHED, raises=(FileNotFound,)
)
async def file_link(context: RequestContext, file_id: FileId, query: SizeQuery) -> LinkAnswer:
    """获取限时链接 · a link that lives for minutes, for pages that cannot send a token"""
    link = await context.services.files.links.link(file_id, query.variant, context.reader)
    return LinkAnswer(url=link.url, expires_in=link.seconds)


@endpoints.delete(
    "/file/{file_id}",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="file.delete",
    message=Text("文件删除成功", "Deleted"),
    raises=(*STAFF_ERRORS, FileNotFound, PermissionDenied),
)
async def delete_file(context: RequestContext, file_id: FileId) -> None:
    """删除文件 · delete a file; its content is gone within a day"""
    await context.services.files.library.delete(file_id, context.reader, context.actor)
