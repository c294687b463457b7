"""Videos that some browsers do not play are converted after they have been stored."""

import asyncio
from pathlib import Path

import pytest

from domain.files.access import draft_of
from domain.files.conversions import MAX_ATTEMPTS, VideoConversions
from domain.files.formats import FileFormat
from domain.files.model import DRAFT_AREA, Conversion, FileRecord, RecordRef
from domain.shared.errors import Unavailable
from domain.shared.ports import Lease
from tests.domain.files.memory import ACTOR, ANNA, WORKER, NoInspection, Office, VideosOfTest
from tests.file_samples import video

MOVIE = video(b"qt  ")


@pytest.fixture
def videos() -> VideosOfTest:
    return VideosOfTest()


@pytest.fixture
def office(tmp_path: Path, videos: VideosOfTest) -> Office:
    return Office(tmp_path, videos=videos)


async def upload(office: Office) -> FileRecord:
    return await office.upload(MOVIE, kind="selfIntroductionVideo")


async def test_the_converted_video_replaces_the_original_in_the_same_file(office: Office) -> None:
    file = await upload(office)
    assert (file.format, file.conversion) == (FileFormat.MOV, Conversion())

    await office.services.conversions.convert_next()

    converted = office.files.stored[file.id]
    assert (converted.format, converted.size, converted.conversion) == (FileFormat.MP4, 9, None)
    assert converted.plays_everywhere
    assert office.storage.objects == {converted.objects["original"].key: b"converted"}
    assert (await upload(office)).id == file.id
    await office.services.library.delete(file.id, ANNA, ACTOR)
    await office.services.maintenance.sweep()
    assert office.storage.objects == {}


async def test_a_draft_that_a_record_has_taken_is_converted(office: Office) -> None:
    kind = "selfIntroductionVideo"
    draft = await office.upload(MOVIE, kind=kind, area=DRAFT_AREA, record=draft_of(ANNA))
    owner = RecordRef(area=WORKER, record_id="1-王芳", kind=kind)
    await office.services.library.attach(draft.id, owner, ANNA, ACTOR)

    await office.services.conversions.convert_next()

    assert office.storage.objects == {office.files.stored[draft.id].objects["original"].key: b"converted"}


async def test_without_a_converter_videos_are_kept(tmp_path: Path) -> None:
    office = Office(tmp_path)

    file = await upload(office)
    await office.services.conversions.convert_next()

    assert not file.plays_everywhere
    assert office.files.stored[file.id] == file
    assert "files-convert" not in {job.name for job in office.services.background}


async def test_a_conversion_that_fails_leaves_the_file_and_is_not_repeated(
    office: Office, videos: VideosOfTest
) -> None:
    videos.result = None
    file = await upload(office)

    for _ in range(3):
        await office.services.conversions.convert_next()

    failed = office.files.stored[file.id]
    assert (failed.format, failed.objects, failed.conversion) == (file.format, file.objects, Conversion(state="failed"))
    assert office.storage.objects == {file.key_of("original"): MOVIE}
    assert videos.calls == 1


async def test_an_interrupted_conversion_begins_again_but_not_for_ever(office: Office, videos: VideosOfTest) -> None:
    async def interrupted() -> None:
        raise asyncio.CancelledError

    videos.meanwhile = interrupted
    file = await upload(office)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(asyncio.CancelledError):
            await office.services.conversions.convert_next()
    await office.services.conversions.convert_next()

    assert videos.calls == MAX_ATTEMPTS
    assert office.files.stored[file.id].conversion == Conversion(state="failed")


async def test_an_original_that_could_not_be_removed_is_removed_in_the_next_round(office: Office) -> None:
    file = await upload(office)
    original = office.storage.objects[file.key_of("original")]
    await office.services.conversions.convert_next()
    done = office.files.stored[file.id]
    office.storage.objects[file.key_of("original")] = original  # as if the process had died before
    await office.files.save(done.converted(9), [])

    await office.services.conversions.convert_next()

    assert set(office.storage.objects) == {file.converted_key}
    assert office.files.stored[file.id].conversion is None


async def test_a_storage_that_is_away_is_asked_again(office: Office, videos: VideosOfTest) -> None:
    file = await upload(office)
    office.storage.fails = True
    with pytest.raises(Unavailable):
        await office.services.conversions.convert_next()
    assert office.files.stored[file.id].conversion == Conversion(attempts=1)

    office.storage.fails = False
    await office.services.conversions.convert_next()

    assert office.files.stored[file.id].format is FileFormat.MP4


async def test_a_file_that_is_deleted_during_its_conversion_leaves_nothing(
    office: Office, videos: VideosOfTest
) -> None:
    file = await upload(office)

    async def deleted() -> None:
        await office.services.library.delete(file.id, ANNA, ACTOR)
        await office.services.maintenance.sweep()

    videos.meanwhile = deleted
    await office.services.conversions.convert_next()

    assert office.storage.objects == {}
    assert office.files.stored[file.id].state == "deleted"


async def test_the_lease_is_extended_while_a_video_is_converted(office: Office, videos: VideosOfTest) -> None:
    await upload(office)
    lease = CountedLease()
    conversions = VideoConversions(
        office.files, office.storage, office.services.spool, NoInspection(), videos, lease, lease_seconds=0.04
    )
    videos.meanwhile = lease.extended_twice.wait

    await conversions.convert_next()

    assert {name for name, _ in lease.calls} == {job.name for job in conversions.background}
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "files-convert-lease"]


class CountedLease(Lease):
    def __init__(self) -> None:
        self.calls: list[tuple[str, float]] = []
        self.extended_twice = asyncio.Event()

    async def acquire(self, name: str, seconds: float) -> bool:
        self.calls.append((name, seconds))
        if len(self.calls) == 1:
            raise Unavailable
        self.extended_twice.set()
        return True
