"""Routes of uploads in parts, and of uploads that go to the provider directly."""

from http import HTTPStatus
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from domain.files.errors import (
    ChecksumWrong,
    DirectUploadUnavailable,
    FileFormatRefused,
    FileKindUnknown,
    FilesQuotaUsed,
    FileTooLarge,
    PartRefused,
    TooManyFiles,
    UploadIncomplete,
    UploadNotFound,
)
from domain.files.parts import UploadPlan
from domain.files.uploads import DIRECT_SECONDS, UploadState
from domain.shared.model import Model
from domain.shared.plain_text import cleaned_line
from domain.shared.text import Text
from http_api.core.access import SignedIn
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED
from http_api.core.upload import NoFields, Upload, body_pieces
from http_api.routes.files.answers import CONTENT_ERRORS, STORING, TAG, FileAnswer, LinkAnswer
from http_api.routes.files.files import RecordFields

endpoints = Endpoints("/api/upload/sessions", tag=TAG)

BEGINNING: Final = (FileKindUnknown, FileTooLarge, TooManyFiles, FilesQuotaUsed, *STORING)
PART: Final = Upload("", NoFields)
CHECKSUM_HEADER: Final = "X-Content-Sha256"

Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
PartNumber = Annotated[int, Field(ge=1, le=1_000_000)]


class BeginBody(RecordFields):
    name: Annotated[str, cleaned_line(120)] = ""
    size: int = Field(ge=1, le=2**40)
    sha256: Sha256 = ""
    """Of the whole content, if it is known already."""


class CompleteBody(Model):
    sha256: Sha256 = ""


class UploadAnswer(Model):
    upload_id: str
    part_size: int
    part_count: int
    received: list[int]
    """The numbers of the parts that are stored; they count from 1."""
    direct: bool
    """Parts may be sent to the addresses that `GET …/parts/{number}/link` gives."""

    @classmethod
    def of(cls, state: UploadState) -> "UploadAnswer":
        plan = state.plan
        return cls(
            upload_id=state.file.id,
            part_size=plan.part_bytes,
            part_count=plan.count,
            received=list(state.received),
            direct=state.is_direct,
        )


class DirectAnswer(Model):
    upload_id: str
    url: str
    fields: dict[str, str]
    expires_in: int


@endpoints.post(
    "",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    unaudited="the stored file is audited when the upload is completed",
    message=Text("可以开始上传", "The upload may begin"),
    raises=BEGINNING,
    status=HTTPStatus.CREATED,
    example={"type": "selfIntroductionVideo", "name": "自我介绍.mp4", "size": 104857600},
)
async def begin(context: RequestContext, body: BeginBody) -> UploadAnswer:
    """开始分片上传，可断点续传 · begin an upload in parts, which goes on after an interruption"""
    return UploadAnswer.of(await _begin(context, body, direct=False))


@endpoints.post(
    "/direct",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    unaudited="the stored file is audited when the upload is completed",
    message=Text("可以开始上传", "The upload may begin"),
    raises=(*BEGINNING, DirectUploadUnavailable),
    status=HTTPStatus.CREATED,
    example={"type": "personalPhoto", "name": "照片.jpg", "size": 204800},
)
async def begin_direct(context: RequestContext, body: BeginBody) -> DirectAnswer:
    """获取直传表单（小程序 wx.uploadFile）· a form by which the provider takes the file"""
    uploads = context.services.files.uploads
    uploads.require_direct()
    state = await _begin(context, body, direct=True)
    form = uploads.form(state)
    return DirectAnswer(upload_id=state.file.id, url=form.url, fields=dict(form.fields), expires_in=DIRECT_SECONDS)


async def _begin(context: RequestContext, body: BeginBody, *, direct: bool) -> UploadState:
    plan = UploadPlan(size=body.size, sha256=body.sha256)
    return await context.services.files.uploads.begin(
        body.owner_for(context), body.name, plan, context.reader, context.actor, direct=direct
    )


@endpoints.get(
    "/{upload_id}", access=SignedIn(), rate_limit=RateLimit.READ, message=FETCHED, raises=(UploadNotFound, *STORING)
)
async def state(context: RequestContext, upload_id: EntityId) -> UploadAnswer:
    """已收到的分片 · which parts have arrived"""
    return UploadAnswer.of(await context.services.files.uploads.state(upload_id, context.reader))


@endpoints.put(
    "/{upload_id}/parts/{number}",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    unaudited="the stored file is audited when the upload is completed",
    message=Text("分片已保存", "The part is stored"),
    raises=(UploadNotFound, PartRefused, ChecksumWrong, FileFormatRefused, FileTooLarge, *STORING),
    upload=PART,
)
async def store_part(context: RequestContext, upload_id: EntityId, number: PartNumber) -> None:
    """上传一个分片，顺序不限，可重复 · store a part, in any order; X-Content-Sha256 is checked if sent"""
    files, reader = context.services.files, context.reader
    size = await files.uploads.part_bytes(upload_id, number, reader)
    async with files.spool.receive(body_pieces(context.request), size) as received:
        checksum = context.request.headers.get(CHECKSUM_HEADER, "").lower()
        await files.uploads.store_part(upload_id, number, received, checksum, reader)


@endpoints.get(
    "/{upload_id}/parts/{number}/link",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    message=FETCHED,
    raises=(UploadNotFound, PartRefused, DirectUploadUnavailable),
)
async def part_link(context: RequestContext, upload_id: EntityId, number: PartNumber) -> LinkAnswer:
    """分片直传地址（PUT）· an address of the provider that takes the part by PUT"""
    url = await context.services.files.uploads.part_link(upload_id, number, context.reader)
    return LinkAnswer(url=url, expires_in=DIRECT_SECONDS)


@endpoints.post(
    "/{upload_id}/complete",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    audit="file.upload",
    message=Text("文件上传成功", "Uploaded"),
    raises=(UploadNotFound, UploadIncomplete, ChecksumWrong, *CONTENT_ERRORS),
    status=HTTPStatus.CREATED,
    example={},
)
async def complete(context: RequestContext, upload_id: EntityId, body: CompleteBody) -> FileAnswer:
    """完成上传；可重复调用 · join the parts and store the file; may be repeated"""
    stored = await context.services.files.uploads.complete(upload_id, body.sha256, context.reader, context.actor)
    return FileAnswer.of(stored)


@endpoints.delete(
    "/{upload_id}",
    access=SignedIn(),
    rate_limit=RateLimit.UPLOAD,
    unaudited="nothing had become a file",
    message=Text("已取消上传", "Cancelled"),
    raises=(UploadNotFound,),
)
async def abort(context: RequestContext, upload_id: EntityId) -> None:
    """取消上传 · cancel an upload"""
    await context.services.files.uploads.abort(upload_id, context.reader)
