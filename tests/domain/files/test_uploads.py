"""Uploads in parts."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from domain.files.errors import (
    ChecksumWrong,
    DirectUploadUnavailable,
    FileFormatRefused,
    FileNotFound,
    FileTooLarge,
    PartRefused,
    TooManyFiles,
    UploadIncomplete,
    UploadNotFound,
)
from domain.files.library import MAX_UNFINISHED
from domain.files.model import RecordRef
from domain.files.parts import UploadPlan
from domain.files.uploads import UploadState
from domain.shared.errors import PermissionDenied
from domain.shared.reader import Reader
from tests.domain.files.memory import ACTOR, ANNA, BORIS, WORKER, Office, in_one_piece
from tests.file_samples import picture, video

FILM = video(film_bytes=2500)
PART = 1000
OWNER = RecordRef(area=WORKER, record_id="1-王芳", kind="selfIntroductionVideo")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def begun(office: Office, content: bytes = FILM, owner: RecordRef = OWNER, sha256: str = "") -> UploadState:
    plan = UploadPlan(size=len(content), part_bytes=PART, sha256=sha256)
    return await office.services.uploads.begin(owner, "自我介绍.mp4", plan, ANNA, ACTOR)


async def send(
    office: Office, upload: UploadState, number: int, content: bytes = FILM, sha256: str = "", by: Reader = ANNA
) -> None:
    part = content[(number - 1) * PART : number * PART]
    async with office.services.spool.receive(in_one_piece(part), PART) as received:
        await office.services.uploads.store_part(upload.file.id, number, received, sha256, by)


async def test_parts_become_a_file_when_all_are_there(office: Office) -> None:
    uploads, upload = office.services.uploads, await begun(office)
    for number in (3, 1):
        await send(office, upload, number)

    with pytest.raises(UploadIncomplete) as refused:
        await uploads.complete(upload.file.id, "", ANNA, ACTOR)
    assert refused.value.details == {"missing": [2]}
    assert (await uploads.state(upload.file.id, ANNA)).received == [1, 3]
    with pytest.raises(FileNotFound):
        await office.services.links.link(upload.file.id, "original", ANNA)

    await send(office, upload, 2)
    file = await uploads.complete(upload.file.id, hashlib.sha256(FILM).hexdigest(), ANNA, ACTOR)
    again = await uploads.complete(upload.file.id, "", ANNA, ACTOR)

    assert file == again
    assert office.storage.objects[file.key_of("original")] == FILM
    assert office.storage.waiting == {}
    assert [event.type for event in office.files.events] == ["audit"]


async def test_completing_twice_at_once_gives_one_file(office: Office) -> None:
    upload = await begun(office)
    for number in (1, 2, 3):
        await send(office, upload, number)

    files = await asyncio.gather(*(office.services.uploads.complete(upload.file.id, "", ANNA, ACTOR) for _ in range(3)))

    assert len({file.version for file in files}) == 1
    assert len(office.files.events) == 1


async def test_a_picture_in_parts_is_encoded_again(office: Office) -> None:
    content = picture(size=(300, 200)) + b"\0" * 1500
    upload = await begun(office, content, OWNER.model_copy(update={"kind": "personalPhoto"}))
    for number in range(1, upload.plan.count + 1):
        await send(office, upload, number, content)

    file = await office.services.uploads.complete(upload.file.id, "", ANNA, ACTOR)

    assert set(file.objects) == {"original", "small"}
    assert (file.objects["original"].width, file.shown_name) == (600, "自我介绍.jpg")


@pytest.mark.parametrize("number", [0, 4, 10_001, 10**9])
async def test_an_upload_has_only_the_parts_that_its_size_makes(office: Office, number: int) -> None:
    upload = await begun(office)

    with pytest.raises(PartRefused):
        await office.services.uploads.part_bytes(upload.file.id, number, ANNA)


async def test_a_part_that_is_not_what_it_should_be_is_refused(office: Office) -> None:
    upload = await begun(office)

    with pytest.raises(PartRefused):
        await send(office, upload, 1, FILM[:500])
    with pytest.raises(ChecksumWrong):
        await send(office, upload, 2, sha256="0" * 64)
    with pytest.raises(FileFormatRefused):
        await send(office, upload, 1, b"<html>".ljust(3000))
    assert (await office.services.uploads.state(upload.file.id, ANNA)).received == []


@pytest.mark.parametrize("wrong", ["checksum", "content"])
async def test_content_that_is_refused_at_the_end_is_gone(office: Office, wrong: str) -> None:
    content = FILM if wrong == "checksum" else FILM[:1000] + b"\0" * 100
    kind = OWNER if wrong == "checksum" else OWNER.model_copy(update={"kind": "selfIntroductionVideo"})
    upload = await begun(office, content, kind, sha256="0" * 64)
    for number in range(1, upload.plan.count + 1):
        await send(office, upload, number, content)

    with pytest.raises(ChecksumWrong):
        await office.services.uploads.complete(upload.file.id, "", ANNA, ACTOR)

    with pytest.raises(UploadNotFound):
        await office.services.uploads.state(upload.file.id, ANNA)
    await office.services.maintenance.sweep()
    assert office.storage.objects == {}
    assert office.storage.waiting == {}


async def test_an_upload_is_its_beginners_alone(office: Office) -> None:
    upload = await begun(office)
    other = Reader(kind="staff", id="3" * 23 + "1", session_id="c" * 24)  # who may change the record, too

    for reader in (BORIS, other):
        with pytest.raises(UploadNotFound):
            await office.services.uploads.state(upload.file.id, reader)
        with pytest.raises(UploadNotFound):
            await send(office, upload, 1, by=reader)
    with pytest.raises(PermissionDenied):
        await office.services.uploads.begin(OWNER, "a", UploadPlan(size=1), BORIS, ACTOR)


async def test_what_is_cancelled_or_left_is_swept(office: Office) -> None:
    cancelled, left = await begun(office), await begun(office)
    for upload in (cancelled, left):
        await send(office, upload, 1)

    await office.services.uploads.abort(cancelled.file.id, ANNA)
    assert await office.services.maintenance.sweep() == 1
    office.clock.advance(24 * 3600)
    assert await office.services.maintenance.sweep() == 1

    assert office.storage.waiting == {}


async def test_too_large_and_too_many_uploads_are_refused(office: Office) -> None:
    with pytest.raises(FileTooLarge):
        await office.services.uploads.begin(OWNER, "a", UploadPlan(size=201 * 1024 * 1024), ANNA, ACTOR)
    photos = OWNER.model_copy(update={"kind": "personalPhoto"})
    at_once = (begun(office, owner=photos) for _ in range(MAX_UNFINISHED + 5))
    done = await asyncio.gather(*at_once, return_exceptions=True)
    assert [type(each) for each in done].count(TooManyFiles) == 5
    with pytest.raises(TooManyFiles):
        await begun(office, owner=photos)


async def test_content_may_go_to_the_provider_directly_where_there_is_one(office: Office) -> None:
    uploads = office.services.uploads
    upload = await begun(office)
    with pytest.raises(DirectUploadUnavailable):
        uploads.require_direct()
    with pytest.raises(DirectUploadUnavailable):
        await uploads.part_link(upload.file.id, 1, ANNA)

    office.storage.is_remote = True
    uploads.require_direct()
    assert (await uploads.part_link(upload.file.id, 3, ANNA)).endswith("?part=3")
    direct = await uploads.begin(OWNER, "a.mp4", UploadPlan(size=len(FILM)), ANNA, ACTOR, direct=True)
    form = uploads.form(direct)
    with pytest.raises(UploadIncomplete):
        await uploads.complete(direct.file.id, "", ANNA, ACTOR)
    office.storage.objects[form.fields["key"]] = FILM

    assert (await uploads.complete(direct.file.id, "", ANNA, ACTOR)).size == len(FILM)
