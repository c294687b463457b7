"""Records of files: the same promises in memory and in MongoDB."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.files.errors import AlreadyStored
from domain.files.formats import FileFormat
from domain.files.model import FileRecord, RecordRef, StoredObject
from domain.files.parts import UploadPlan
from domain.files.ports import FileRepository
from domain.shared.actor import ActorRef
from domain.shared.errors import Conflict
from integrations.mongo.files import MongoFileRepository, MongoFileUsage
from integrations.mongo.outbox import Outbox
from integrations.mongo.write_gate import OPEN_GATE
from integrations.security.ids import ObjectIds
from tests.domain.files.memory import MemoryFiles

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
OWNER = RecordRef(area="users", record_id="a" * 24, kind="avatar")
SOMEBODY = ActorRef(kind="staff", id="1" * 24, name="李经理")
IDS = ObjectIds()


def begun(owner: RecordRef = OWNER, minutes: int = 0) -> FileRecord:
    return FileRecord.begun(IDS.next_id(), owner, "照片.jpg", SOMEBODY, NOW + timedelta(minutes=minutes))


def stored(sha256: str, owner: RecordRef = OWNER, due_at: datetime | None = None) -> FileRecord:
    file = begun(owner)
    objects = {"original": StoredObject(key=file.key_of("original"), size=1000, width=60, height=40)}
    return file.with_objects(objects).stored(FileFormat.JPEG, sha256, due_at)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "mongodb"])
async def files(
    request: pytest.FixtureRequest, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> AsyncIterator[FileRepository]:
    if request.param == "memory":
        yield MemoryFiles()
        return
    repository = MongoFileRepository(database, Outbox(database), OPEN_GATE)
    await repository.create_indexes()
    yield repository


async def test_a_record_is_read_as_it_was_saved(files: FileRepository) -> None:
    plain, planned = stored("1" * 64), begun().planned(UploadPlan(size=9, storage_id="s", sha256="2" * 64))

    for file in (plain, planned):
        saved = await files.save(file, [])

        assert await files.find(file.id) == saved == file.model_copy(update={"version": 1})
    assert await files.find("0" * 24) is None


async def test_a_content_is_stored_once_in_a_place(files: FileRepository) -> None:
    first = await files.save(stored("1" * 64), [])
    waiting = await files.save(begun(), [])

    with pytest.raises(AlreadyStored):
        await files.save(waiting.stored(FileFormat.JPEG, "1" * 64, None), [])
    assert await files.find_content(OWNER, "1" * 64) == first
    other = OWNER.model_copy(update={"kind": "banner"})
    assert await files.find_content(other, "1" * 64) is None
    await files.save(stored("1" * 64, other), [])

    await files.save(first.deleted(NOW), [])
    assert await files.find_content(OWNER, "1" * 64) is None
    assert (await files.save(waiting.stored(FileFormat.JPEG, "1" * 64, None), [])).state == "stored"


async def test_a_record_that_somebody_else_has_saved_is_a_conflict(files: FileRepository) -> None:
    first = await files.save(begun(), [])
    await files.save(first.deleted(NOW), [])

    with pytest.raises(Conflict):
        await files.save(first.stored(FileFormat.JPEG, "1" * 64, None), [])


async def test_the_files_of_a_record_are_those_that_are_not_deleted(files: FileRepository) -> None:
    kept = [await files.save(begun(minutes=1), []), await files.save(begun(minutes=2), [])]
    gone = await files.save(begun(), [])
    await files.save(gone.deleted(NOW), [])
    await files.save(begun(OWNER.model_copy(update={"record_id": "b" * 24})), [])

    assert list(await files.of_record("users", "a" * 24)) == kept


async def test_the_sweep_finds_what_is_due(files: FileRepository) -> None:
    unfinished, draft = await files.save(begun(), []), await files.save(stored("1" * 64, due_at=NOW), [])
    await files.save(stored("2" * 64), [])
    deleted = await files.save((await files.save(stored("3" * 64), [])).deleted(NOW), [])
    await files.save((await files.save(stored("4" * 64), [])).deleted(NOW).purged(), [])

    assert {file.id for file in await files.due(NOW, 10)} == {draft.id, deleted.id}
    assert {file.id for file in await files.due(NOW + timedelta(days=1), 10)} == {unfinished.id, draft.id, deleted.id}
    assert len(await files.due(NOW + timedelta(days=1), 2)) == 2


async def test_sizes_are_added_up(database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
    files, usage = MongoFileRepository(database, Outbox(database), OPEN_GATE), MongoFileUsage(database)
    await usage.measure()
    assert await MongoFileUsage(database).total_bytes() == 0
    for number in range(3):
        await files.save(stored(str(number) * 64), [])
    await files.save((await files.save(stored("4" * 64), [])).deleted(NOW).purged(), [])

    await usage.measure()

    assert await usage.total_bytes() == 3000
    await usage.add(500)
    assert await usage.total_bytes() == await MongoFileUsage(database).total_bytes() == 3500


async def test_conversions_are_found_in_the_order_of_their_files(files: FileRepository) -> None:
    def film(sha256: str, minutes: int) -> FileRecord:
        return begun(minutes=minutes).stored(FileFormat.MOV, sha256, None, plays_everywhere=False, converts=True)

    second, first = await files.save(film("2" * 64, 2), []), await files.save(film("1" * 64, 1), [])
    await files.save(film("3" * 64, 0).conversion_failed(), [])
    deleted = await files.save(film("4" * 64, 0), [])
    await files.save(deleted.deleted(NOW), [])

    assert await files.next_conversion() == first
    first = await files.save(first.converted(9), [])
    assert await files.next_conversion() == first
    await files.save(first.conversion_ended(), [])
    assert await files.next_conversion() == second
    await files.save(second.conversion_failed(), [])
    assert await files.next_conversion() is None
