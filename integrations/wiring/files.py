"""The files area: storage, processing of images, and the areas whose records have files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from domain.files.id_cards import CardReader
from domain.files.library import FileLibrary
from domain.files.limits import MEGABYTE, FileLimits
from domain.files.ports import ObjectStorage
from domain.files.services import FilePorts, FileServices, file_services
from domain.sessions.tokens import AccessClaims
from domain.shared.events import DomainEvent
from domain.shared.reader import Reader, ReaderKind
from domain.staff.pictures import AREA as STAFF
from domain.staff.services import StaffServices
from domain.users.events import UserDeleted
from domain.users.pictures import AREA as USERS
from domain.users.services import UserServices
from integrations.files.folder import FolderStorage
from integrations.files.inspection import ContentInspection
from integrations.files.spool import DirectorySpool
from integrations.images.process import ImageProcess
from integrations.mongo.files import MongoFileRepository, MongoFileUsage
from integrations.security.links import HmacLinkSigner
from integrations.settings import CosSettings, FileSettings, OcrSettings
from integrations.settings.groups import revealed
from integrations.tencent.cos.http import CosBucket, CosHttp
from integrations.tencent.cos.signatures import CosKey
from integrations.tencent.cos.storage import CosObjectStorage
from integrations.tencent.ocr import OCR_URL, SERVICE, VERSION, NoCardReader, TencentCardReader
from integrations.tencent.tc3 import Tc3Http, Tc3Key
from integrations.videos.ffmpeg import FfmpegConversion
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.users import user_repository

DEFAULT_DIRECTORY: Final = Path("data/files")
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class FileAreaSettings:
    files: FileSettings
    cos: CosSettings
    ocr: OcrSettings
    link_keys: Sequence[str]
    """The first one signs links, all verify them."""


def wire_files(
    base: Infrastructure, settings: FileAreaSettings, staff: StaffServices, users: UserServices
) -> Area[FileServices]:
    directory, is_full = settings.files.dir or DEFAULT_DIRECTORY, _disk_is_full(base)
    repository = MongoFileRepository(base.database, base.outbox, base.write_gate)
    storage: ObjectStorage = FolderStorage(directory, is_full)
    if settings.cos.is_configured:
        storage = cos_storage(base, settings.cos)
    limits = file_limits(settings.files, settings.ocr.daily_limit)
    images = ImageProcess(limits.image_pixels)
    ffmpeg = settings.files.ffmpeg_program
    services = file_services(
        FilePorts(
            files=repository,
            usage=MongoFileUsage(base.database),
            storage=storage,
            spool=DirectorySpool(directory / "incoming", is_full),
            images=images,
            inspection=ContentInspection(),
            signer=HmacLinkSigner(settings.link_keys),
            readers=SessionReaders(staff, users),
            areas={STAFF: staff.pictures, USERS: users.pictures},
            avatars={STAFF: staff.pictures, USERS: users.pictures},
            card_reader=card_reader(base, settings.ocr),
            limiter=base.limiter,
            clock=base.clock,
            ids=base.ids,
            lease=base.lease,
            videos=FfmpegConversion(ffmpeg, limits.video_bytes) if ffmpeg else None,
        ),
        limits,
    )
    return Area(
        name="files",
        services=services,
        repositories=(repository,),
        subscriptions={UserDeleted: (FilesOfDeletedUsers(services.library, base),)},
        background=services.background,
        create_indexes=repository.create_indexes,
        close=images.close,
    )


def cos_storage(base: Infrastructure, settings: CosSettings) -> CosObjectStorage:
    key = CosKey(settings.secret_id, revealed(settings.secret_key))
    bucket = CosBucket(settings.address, settings.bucket, key)
    cos = CosHttp(base.http, bucket, base.clock, base.observe_provider("cos"))
    return CosObjectStorage(cos, base.clock)


def card_reader(base: Infrastructure, settings: OcrSettings) -> CardReader:
    if not settings.secret_id:
        return NoCardReader()
    key, endpoint = Tc3Key(settings.secret_id, revealed(settings.secret_key)), settings.endpoint or OCR_URL
    observe = base.observe_provider("tencent")
    return TencentCardReader(Tc3Http(base.http, SERVICE, VERSION, endpoint, key, base.clock, observe))


def file_limits(settings: FileSettings, recognitions_per_day: int) -> FileLimits:
    return FileLimits(
        image_bytes=settings.image_mb * MEGABYTE,
        image_pixels=settings.image_megapixels * 1_000_000,
        file_bytes=settings.file_mb * MEGABYTE,
        video_bytes=settings.video_mb * MEGABYTE,
        record_bytes=settings.record_mb * MEGABYTE,
        total_bytes=settings.total_gb * 1024 * MEGABYTE,
        recognitions_per_day=recognitions_per_day,
        draft_lifetime=timedelta(days=settings.draft_days),
    )


def _disk_is_full(base: Infrastructure) -> Callable[[], bool]:
    """With embedded servers the folder is on their disk, whose last part is theirs."""
    disk = base.data_disk
    return disk.is_full if disk is not None else lambda: False


@dataclass(frozen=True)
class SessionReaders:
    """Implements `ReaderSessions` by the sessions of both kinds of accounts."""

    staff: StaffServices
    users: UserServices

    async def reader_of(self, kind: ReaderKind, reader_id: str, session_id: str) -> Reader:
        audience: Final = "staff" if kind == "staff" else "mp"
        claims = AccessClaims(audience=audience, subject=reader_id, session_id=session_id, expires_at=_ALWAYS)
        if kind == "staff":
            return Reader.of_staff(await self.staff.access.authority_of(claims))
        await self.users.sessions.require_session(claims)
        return Reader(kind="user", id=reader_id, session_id=session_id)


class FilesOfDeletedUsers:
    """Follows `UserDeleted`: the pictures of a deleted account are deleted, those of a merged one stay."""

    def __init__(self, library: FileLibrary, base: Infrastructure) -> None:
        self._library = library
        self._users = user_repository(base)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, UserDeleted):
                user = await self._users.find(event.user_id)
                if user is None or not user.merged_into:
                    await self._library.forget_record(USERS, event.user_id)
