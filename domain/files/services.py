"""All use cases of files, built together from the ports that they need."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.files.access import AccessRules
from domain.files.avatars import Avatars
from domain.files.content import ContentChecks
from domain.files.conversions import VideoConversions
from domain.files.id_cards import CardReader, IdCardRecognition
from domain.files.library import FileLibrary
from domain.files.limits import FileLimits
from domain.files.links import FileLinks
from domain.files.maintenance import FileMaintenance
from domain.files.ports import (
    AvatarAccounts,
    FileAccess,
    FileInspection,
    FileRepository,
    FileUsage,
    ImageProcessing,
    LinkSigner,
    ObjectStorage,
    ReaderSessions,
    UploadSpool,
    VideoConversion,
)
from domain.files.uploads import PartUploads
from domain.shared.background import BackgroundJob
from domain.shared.ports import Clock, IdGenerator, Lease, RateLimiter


@dataclass(frozen=True, slots=True)
class FilePorts:
    files: FileRepository
    usage: FileUsage
    storage: ObjectStorage
    spool: UploadSpool
    images: ImageProcessing
    inspection: FileInspection
    signer: LinkSigner
    readers: ReaderSessions
    areas: Mapping[str, FileAccess]
    avatars: Mapping[str, AvatarAccounts]
    card_reader: CardReader
    limiter: RateLimiter
    clock: Clock
    ids: IdGenerator
    lease: Lease
    videos: VideoConversion | None = None
    """None: videos are not converted."""


@dataclass(frozen=True, slots=True)
class FileServices:
    limits: FileLimits
    spool: UploadSpool
    """Receives the bodies of routes."""
    library: FileLibrary
    uploads: PartUploads
    links: FileLinks
    avatars: Avatars
    id_cards: IdCardRecognition
    maintenance: FileMaintenance
    conversions: VideoConversions

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (*self.maintenance.background, *self.conversions.background)


def file_services(ports: FilePorts, limits: FileLimits) -> FileServices:
    access = AccessRules(ports.areas)
    content = ContentChecks(ports.images, ports.inspection, limits)
    conversions = VideoConversions(ports.files, ports.storage, ports.spool, ports.inspection, ports.videos, ports.lease)
    library = FileLibrary(
        files=ports.files,
        usage=ports.usage,
        storage=ports.storage,
        content=content,
        conversions=conversions,
        access=access,
        limits=limits,
        clock=ports.clock,
        ids=ports.ids,
    )
    avatars = Avatars(library, ports.avatars)
    return FileServices(
        limits=limits,
        spool=ports.spool,
        library=library,
        uploads=PartUploads(
            files=ports.files,
            storage=ports.storage,
            spool=ports.spool,
            content=content,
            library=library,
            avatars=avatars,
            access=access,
            limits=limits,
            clock=ports.clock,
            ids=ports.ids,
        ),
        links=FileLinks(ports.files, access, ports.storage, ports.signer, ports.readers, ports.clock),
        avatars=avatars,
        id_cards=IdCardRecognition(
            ports.card_reader, ports.images, ports.limiter, limits.recognitions_per_day, ports.clock
        ),
        maintenance=FileMaintenance(ports.files, ports.usage, ports.storage, ports.spool, ports.clock, ports.ids),
        conversions=conversions,
    )
