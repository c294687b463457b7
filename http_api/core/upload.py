"""Bodies that are files: read in pieces into the spool, never held in memory."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import aiohttp
from aiohttp import web
from pydantic import BaseModel, ValidationError

from domain.files.errors import FileMissing
from domain.files.ports import ReceivedFile, UploadSpool
from domain.shared.errors import InvalidRequest
from domain.shared.plain_text import clean_line
from domain.shared.text import Text
from http_api.core.validation_messages import invalid_request_from

PIECE_BYTES: Final = 64 * 1024
_MAX_FIELD_BYTES: Final = 4096
_MAX_FIELDS: Final = 20

Fields = TypeVar("Fields", bound=BaseModel)
Result = TypeVar("Result")


class NoFields(BaseModel):
    """A form with a file and nothing else."""


@dataclass(frozen=True)
class Upload(Generic[Fields]):
    """Declares that the body of a route is a file: in a field of a form, or (without a field) by itself."""

    field: str
    form: type[Fields]


class BadForm(InvalidRequest):
    code = "BAD_FORM"
    text = Text("请使用 multipart/form-data 格式提交", "Send a form (Content-Type: multipart/form-data)")


class _CountsBodies(Protocol):
    def body_taken(self, count: int) -> None: ...


@dataclass(frozen=True)
class ReceivedForm(Generic[Fields]):
    file: ReceivedFile
    name: str
    """The file's name as the client gave it, for showing only."""
    fields: Fields


@asynccontextmanager
async def received_form(
    request: web.Request, spool: UploadSpool, upload: Upload[Fields], max_bytes: int
) -> AsyncIterator[ReceivedForm[Fields]]:
    """The form, while its file exists. Raises BadForm, FileMissing, FileTooLarge, InvalidRequest, StorageFull."""
    if request.content_type != "multipart/form-data":
        raise BadForm
    texts: dict[str, str] = {}
    reader = _reader(request)
    part = await _next_part(reader, request, texts, upload.field)
    if part is None:
        raise FileMissing
    name = clean_line((part.filename or "")[:512]).replace("\\", "/").rsplit("/", 1)[-1][-120:]
    async with spool.receive(_pieces(request, part), max_bytes) as received:
        if await _next_part(reader, request, texts, upload.field) is not None:
            raise BadForm  # a second file
        yield ReceivedForm(received, name, _validated(upload.form, texts))


async def body_pieces(request: web.Request) -> AsyncIterator[bytes]:
    """A body that is a file by itself."""
    async for piece in request.content.iter_chunked(PIECE_BYTES):
        yield piece
        _taken(request, len(piece))


def _reader(request: web.Request) -> aiohttp.MultipartReader:
    try:
        # Not request.multipart(): its limit of a body would be that of a request in JSON.
        return aiohttp.MultipartReader(request.headers, request.content)
    except ValueError as error:  # no boundary
        raise BadForm from error


async def _next_part(
    reader: aiohttp.MultipartReader, request: web.Request, texts: dict[str, str], file_field: str
) -> aiohttp.BodyPartReader | None:
    """The next file; text fields before it go to `texts`."""
    while (part := await _parsed(reader.next())) is not None:
        if not isinstance(part, aiohttp.BodyPartReader) or len(texts) >= _MAX_FIELDS:
            raise BadForm
        if part.name == file_field:
            return part
        value = bytearray()
        async for piece in _pieces(request, part):
            value += piece
            if len(value) > _MAX_FIELD_BYTES:
                raise BadForm
        if part.name and part.name not in texts:
            texts[part.name] = value.decode(errors="replace")
    return None


async def _pieces(request: web.Request, part: aiohttp.BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await _parsed(part.read_chunk(PIECE_BYTES)):
        yield piece
        _taken(request, len(piece))


async def _parsed(step: Awaitable[Result]) -> Result:
    try:
        return await step
    except (ValueError, RuntimeError, AssertionError) as error:  # which aiohttp's parser raises for a malformed form
        raise BadForm from error


def _taken(request: web.Request, count: int) -> None:
    cast(_CountsBodies, request.protocol).body_taken(count)


def _validated(model: type[Fields], texts: dict[str, str]) -> Fields:
    sent: dict[str, Any] = {name: text for name, text in texts.items() if text != ""}
    known = {field.alias or name for name, field in model.model_fields.items()}
    try:
        # Forms of clients of the former system have fields that we do not use.
        return model.model_validate({name: text for name, text in sent.items() if name in known})
    except ValidationError as error:
        raise invalid_request_from(error, sent) from None
