"""In-memory stores of the files area."""

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from domain.files.errors import AlreadyStored, UploadIncomplete
from domain.files.formats import FileFormat
from domain.files.id_cards import CardReader, CardReading, CardSide
from domain.files.limits import FileLimits
from domain.files.model import FileRecord, RecordRef
from domain.files.parts import StoredPart
from domain.files.ports import (
    AvatarAccounts,
    DirectAccess,
    DirectForm,
    FileAccess,
    FileInspection,
    FileRepository,
    FileUsage,
    ImageProcessing,
    LinkSigner,
    ObjectStorage,
    ProcessedImage,
    ReaderSessions,
    ReceivedFile,
    ServedAs,
    UploadSpool,
    VideoConversion,
)
from domain.files.services import FilePorts, FileServices, file_services
from domain.shared.actor import Actor
from domain.shared.errors import Conflict, NotAuthenticated, RateLimited, Unavailable, UpstreamFailed
from domain.shared.events import DomainEvent
from domain.shared.ports import RateLimiter
from domain.shared.reader import Reader, ReaderKind
from tests.background import AlwaysLeased
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.clocks import SettableClock

ACTOR = Actor(kind="staff", id="1" * 24, name="李经理", action="file.upload")
ANNA = Reader(kind="staff", id="1" * 24, session_id="a" * 24)
BORIS = Reader(kind="staff", id="2" * 24, session_id="b" * 24)
WORKER = "resume"
"""An area with records: whose id begins with the last digit of the reader's may be changed by that reader."""


async def in_one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content


class MemoryFiles(FileRepository):
    def __init__(self) -> None:
        self.stored: dict[str, FileRecord] = {}
        self.events: list[DomainEvent] = []

    async def find(self, entity_id: str) -> FileRecord | None:
        await asyncio.sleep(0)
        return self.stored.get(entity_id)

    async def find_content(self, owner: RecordRef, sha256: str) -> FileRecord | None:
        await asyncio.sleep(0)
        return self._content(owner, sha256)

    def _content(self, owner: RecordRef, sha256: str) -> FileRecord | None:
        found = (each for each in self.stored.values() if each.state == "stored" and each.owner == owner)
        return next((each for each in found if each.sha256 == sha256), None)

    async def of_record(self, area: str, record_id: str) -> Sequence[FileRecord]:
        found = (each for each in self.stored.values() if each.state != "deleted")
        return [each for each in found if (each.owner.area, each.owner.record_id) == (area, record_id)]

    async def due(self, now: datetime, limit: int) -> Sequence[FileRecord]:
        return [each for each in self.stored.values() if each.due_at is not None and each.due_at <= now][:limit]

    async def next_conversion(self) -> FileRecord | None:
        stored = (each for each in self.stored.values() if each.state == "stored" and each.conversion is not None)
        waiting = [each for each in stored if each.conversion and each.conversion.state in ("waiting", "replaced")]
        return min(waiting, key=lambda file: file.created_at, default=None)

    async def save(self, entity: FileRecord, events: Sequence[DomainEvent]) -> FileRecord:
        await asyncio.sleep(0)
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        if entity.state == "stored":
            same = self._content(entity.owner, entity.sha256)
            if same is not None and same.id != entity.id:
                raise AlreadyStored
        self.stored[entity.id] = entity.model_copy(update={"version": entity.next_version})
        self.events += events
        return self.stored[entity.id]


class MemoryStorage(ObjectStorage):
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.waiting: dict[str, dict[int, bytes]] = {}
        self.fails = False
        self.is_remote = False
        self.refused: set[str] = set()
        """Keys of objects that the provider does not remove."""

    async def store(self, key: str, source: Path, content_type: str) -> None:
        await asyncio.sleep(0)
        if self.fails:
            raise Unavailable
        self.objects[key] = source.read_bytes()

    async def delete(self, keys: Sequence[str]) -> None:
        if self.refused & set(keys):
            raise UpstreamFailed
        for key in keys:
            self.objects.pop(key, None)

    async def fetch(self, key: str, directory: Path) -> Path:
        if key not in self.objects:
            raise UploadIncomplete
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as file:
            file.write(self.objects[key])
        return Path(file.name)

    async def exists(self, key: str) -> bool:
        return key in self.objects

    async def begin_parts(self, key: str) -> str:
        self.waiting[key] = {}
        return key

    async def store_part(self, key: str, storage_id: str, number: int, source: Path) -> None:
        self.waiting[storage_id][number] = source.read_bytes()

    async def parts(self, key: str, storage_id: str) -> Sequence[StoredPart]:
        return [StoredPart(number=each, size=len(part)) for each, part in sorted(self.waiting[storage_id].items())]

    async def join_parts(self, key: str, storage_id: str) -> None:
        await asyncio.sleep(0)
        self.objects[key] = b"".join(part for _, part in sorted(self.waiting[storage_id].items()))

    async def drop_parts(self, key: str, storage_id: str) -> None:
        self.waiting.pop(storage_id, None)

    @property
    def direct(self) -> DirectAccess | None:
        return AddressesOfTest() if self.is_remote else None

    def local_path(self, key: str) -> Path | None:
        return None if self.is_remote else Path("/objects") / key


class AddressesOfTest(DirectAccess):
    def link(self, key: str, served: ServedAs, seconds: int) -> str:
        return f"https://storage.example/{key}?seconds={seconds}"

    def part_link(self, key: str, storage_id: str, number: int, size: int, seconds: int) -> str:
        return f"https://storage.example/{key}?part={number}"

    def form(self, key: str, size: int, seconds: int) -> DirectForm:
        return DirectForm("https://storage.example/", {"key": key, "size": str(size)})


class FakeUsage(FileUsage):
    def __init__(self) -> None:
        self.total = 0

    async def measure(self) -> None:
        return

    async def add(self, size: int) -> None:
        self.total += size

    async def total_bytes(self) -> int:
        return self.total


class DirectoryOfTest(UploadSpool):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @asynccontextmanager
    async def receive(self, chunks: AsyncIterable[bytes], max_bytes: int) -> AsyncIterator[ReceivedFile]:
        content = b"".join([chunk async for chunk in chunks])
        path = self._directory / hashlib.sha256(content).hexdigest()
        path.write_bytes(content)
        yield ReceivedFile(path, self._directory, len(content), path.name, content[:64])

    @asynccontextmanager
    async def examine(self, fetch: Callable[[Path], Awaitable[Path]]) -> AsyncIterator[ReceivedFile]:
        path = await fetch(self._directory)
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        yield ReceivedFile(path, self._directory, len(content), digest, content[:64])

    async def sweep(self) -> None:
        return


class FakeImages(ImageProcessing):
    """The picture is as good as it came, and so is its only thumbnail."""

    async def process(self, source: Path, claimed: FileFormat, directory: Path) -> ProcessedImage:
        size, copy = source.stat().st_size, directory / "encoded-again"
        copy.write_bytes(source.read_bytes())
        small = ProcessedImage(copy, FileFormat.JPEG, size, 16, 9)
        return ProcessedImage(copy, FileFormat.JPEG, size, 600, 400, {"small": small})


class NoInspection(FileInspection):
    async def inspect(self, path: Path, claimed: FileFormat) -> bool:
        return claimed is not FileFormat.MOV


class VideosOfTest(VideoConversion):
    """Makes `result` of every video, after `meanwhile` has happened."""

    def __init__(self) -> None:
        self.result: bytes | None = b"converted"
        self.meanwhile: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.calls = 0

    async def convert(self, source: Path, directory: Path) -> Path | None:
        self.calls += 1
        await self.meanwhile()
        if self.result is None:
            return None
        target = directory / "converted"
        target.write_bytes(self.result)
        return target


class PlainSigner(LinkSigner):
    def sign(self, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:43]

    def is_signed(self, text: str, signature: str) -> bool:
        return self.sign(text) == signature


class OpenSessions(ReaderSessions):
    def __init__(self) -> None:
        self.ended: set[str] = set()

    async def reader_of(self, kind: ReaderKind, reader_id: str, session_id: str) -> Reader:
        if session_id in self.ended:
            raise NotAuthenticated
        return Reader(kind=kind, id=reader_id, session_id=session_id)


class WorkersOfTest(FileAccess, AvatarAccounts):
    def __init__(self) -> None:
        self.avatars: dict[str, str] = {}
        self.hidden_from: set[str] = set()

    async def may_see(self, reader: Reader, record_id: str, kind: str) -> bool:
        return reader.id not in self.hidden_from

    async def may_change(self, reader: Reader, record_id: str, kind: str) -> bool:
        return record_id.startswith(reader.id[-1])

    async def set_avatar(self, account_id: str, url: str, actor: Actor) -> str:
        former = self.avatars.get(account_id, "")
        self.avatars[account_id] = url
        return former


class CardsOfTest(CardReader):
    def __init__(self) -> None:
        self.answer = CardReading()
        self.pictures: list[bytes] = []

    async def read(self, picture: bytes, side: CardSide | None) -> CardReading:
        self.pictures.append(picture)
        return self.answer


class CountingLimiter(RateLimiter):
    def __init__(self) -> None:
        self._uses: Counter[str] = Counter()

    async def hit(self, key: str, limit: int, window_seconds: int, cost: int = 1) -> None:
        self._uses[key] += cost
        if self._uses[key] > limit:
            raise RateLimited(window_seconds)


@dataclass
class Office:
    """The files area over memory."""

    directory: Path
    limits: FileLimits = field(default_factory=FileLimits)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    storage: MemoryStorage = field(default_factory=MemoryStorage)
    usage: FakeUsage = field(default_factory=FakeUsage)
    sessions: OpenSessions = field(default_factory=OpenSessions)
    workers: WorkersOfTest = field(default_factory=WorkersOfTest)
    cards: CardsOfTest = field(default_factory=CardsOfTest)
    clock: SettableClock = field(default_factory=SettableClock)
    videos: VideosOfTest | None = None

    def __post_init__(self) -> None:
        areas: Mapping[str, WorkersOfTest] = {WORKER: self.workers}
        self.services: FileServices = file_services(
            FilePorts(
                files=self.files,
                usage=self.usage,
                storage=self.storage,
                spool=DirectoryOfTest(self.directory),
                images=FakeImages(),
                inspection=NoInspection(),
                signer=PlainSigner(),
                readers=self.sessions,
                areas=areas,
                avatars=areas,
                card_reader=self.cards,
                limiter=CountingLimiter(),
                clock=self.clock,
                ids=SequentialIds(),
                lease=AlwaysLeased(),
                videos=self.videos,
            ),
            self.limits,
        )

    async def upload(
        self, content: bytes, kind: str = "personalPhoto", record: str = "1-王芳", area: str = WORKER, by: Reader = ANNA
    ) -> FileRecord:
        owner = RecordRef(area=area, record_id=record, kind=kind)
        async with self.services.spool.receive(in_one_piece(content), 10**9) as received:
            return await self.services.library.store(received, owner, "照片.exe", by, ACTOR)
