"""Answers about files, and what their routes share."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from domain.files.avatars import file_url
from domain.files.errors import (
    FileDamaged,
    FileFormatRefused,
    FileKindUnknown,
    FileMissing,
    FilesQuotaUsed,
    FileTooLarge,
    ImageRefused,
    ImagesBusy,
    TooManyFiles,
)
from domain.files.model import FileRecord
from domain.shared.errors import StorageFull, UpstreamFailed, UpstreamTimedOut
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.endpoint import LOGGABLE
from http_api.core.upload import BadForm

TAG: Final = Text("文件", "Files")
NAME: Final = r"^[A-Za-z][A-Za-z-]{1,39}$"

STORING: Final = (StorageFull, UpstreamFailed, UpstreamTimedOut)
PICTURE_ERRORS: Final = (FileMissing, FileFormatRefused, FileTooLarge, FileDamaged, ImageRefused, ImagesBusy)
CONTENT_ERRORS: Final = (*PICTURE_ERRORS, FileKindUnknown, TooManyFiles, FilesQuotaUsed, *STORING)
FORM_ERRORS: Final = (BadForm, *CONTENT_ERRORS)

KindName = Annotated[str, StringConstraints(pattern=NAME), Field(examples=["idCardFront"])]
AreaName = Annotated[str, StringConstraints(pattern=NAME), Field(examples=["users"])]


FileId = Annotated[
    str,
    StringConstraints(pattern=r"^(?:(?:https?://[^/?#]{1,255})?/api/upload/file/)?[0-9a-f]{24}$"),
    AfterValidator(lambda address: address[-24:]),
    Field(examples=["65f0c1d2e3a4b5c6d7e8f901"]),
    LOGGABLE,
]
"""A file's id, or its whole `fileUrl` (percent-encoded), as clients of the former system send it."""


class FileAnswer(Model):
    """`fileUrl`, `filename`, `mimeType` and `size` are the fields of the former system."""

    id: str
    file_url: str
    filename: str
    mime_type: str
    size: int
    type: str
    width: int | None
    height: int | None
    has_thumbnails: bool
    notice: str | None
    """Of a video (MOV, or HEVC) that some browsers do not play. `WILL_BE_CONVERTED`: to MP4, later, under the same
    address. `NOT_CONVERTED`: that failed, the file stays as it is. `KEPT_AS_IS`: nothing converts videos here."""

    @classmethod
    def of(cls, file: FileRecord) -> "FileAnswer":
        stored = file.objects["original"]
        return cls(
            id=file.id,
            file_url=file_url(file),
            filename=file.shown_name,
            mime_type=str(file.format),
            size=stored.size,
            type=file.owner.kind,
            width=stored.width,
            height=stored.height,
            has_thumbnails="small" in file.objects,
            notice=_notice(file),
        )


def _notice(file: FileRecord) -> str | None:
    if file.plays_everywhere:
        return None
    if file.conversion is None:
        return "KEPT_AS_IS"
    return "WILL_BE_CONVERTED" if file.conversion.state == "waiting" else "NOT_CONVERTED"


class LinkAnswer(Model):
    url: str
    expires_in: int
    """Seconds."""
