"""Files belong to records: who may store, see and delete them, and what is left."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from domain.files.access import draft_of
from domain.files.errors import (
    FileFormatRefused,
    FileKindUnknown,
    FileMissing,
    FileNotFound,
    FilesQuotaUsed,
    FileTooLarge,
    LinkInvalid,
    TooManyFiles,
)
from domain.files.limits import FileLimits
from domain.files.links import CONTENT_PATH
from domain.files.model import DRAFT_AREA, RecordRef
from domain.shared.errors import PermissionDenied, Unavailable, UpstreamFailed
from tests.domain.files.memory import ACTOR, ANNA, BORIS, WORKER, Office, in_one_piece
from tests.file_samples import pdf, picture

RED, BLUE = picture(color="red"), picture(color="blue")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def test_a_stored_file_has_a_name_for_people_and_a_key_that_is_not_made_of_it(office: Office) -> None:
    file = await office.upload(RED)

    assert file.state == "stored"
    assert file.shown_name == "照片.jpg"
    assert set(office.storage.objects) == {f"resume/2026/05/{file.id}/{name}" for name in ("original", "small")}
    assert [event.type for event in office.files.events] == ["audit"]


async def test_the_same_content_is_stored_once_in_a_record_and_again_in_another(office: Office) -> None:
    first, again, elsewhere = await office.upload(RED), await office.upload(RED), await office.upload(RED, record="1-b")

    assert first.id == again.id != elsewhere.id
    assert (await office.upload(RED, kind="certificate")).id not in (first.id, elsewhere.id)


async def test_the_same_content_at_the_same_moment_is_stored_once(office: Office) -> None:
    files = await asyncio.gather(*(office.upload(RED) for _ in range(5)))

    assert len({file.id for file in files}) == 1
    await office.services.maintenance.sweep()
    assert len(office.storage.objects) == 2


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (lambda office: office.upload(RED, kind="virus"), FileKindUnknown),
        (lambda office: office.upload(RED, area="moon"), FileKindUnknown),
        (lambda office: office.upload(RED, by=BORIS), PermissionDenied),
        (lambda office: office.upload(RED, area=DRAFT_AREA, record=draft_of(BORIS)), PermissionDenied),
        (lambda office: office.upload(pdf(), kind="idCardFront"), FileFormatRefused),
        (lambda office: office.upload(b"<svg/>"), FileFormatRefused),
        (lambda office: office.upload(b""), FileMissing),
        (lambda office: office.upload(RED + b"\0" * 3_000_000), FileTooLarge),
        (lambda office: office.upload(pdf(b"\0" * 7_000_000), kind="report"), TooManyFiles),
    ],
)
async def test_what_is_refused_leaves_nothing(
    tmp_path: Path, upload: Callable[[Office], object], error: type[Exception]
) -> None:
    office = Office(tmp_path, FileLimits(image_bytes=2_000_000, record_bytes=6_000_000))

    with pytest.raises(error):
        await upload(office)  # type: ignore[misc]  # each gives an awaitable

    assert office.files.stored == {}
    assert office.storage.objects == {}


async def test_a_record_has_as_many_files_of_a_kind_as_it_may(office: Office) -> None:
    for number in range(4):
        await office.upload(picture(size=(60 + number, 40)), kind="idCardFront")

    with pytest.raises(TooManyFiles):
        await office.upload(BLUE, kind="idCardFront")
    await office.upload(BLUE, kind="idCardBack")


async def test_uploads_at_once_do_not_pass_the_limit_together(office: Office) -> None:
    pictures = [picture(size=(60 + number, 40)) for number in range(8)]

    done = await asyncio.gather(*(office.upload(each, kind="idCardFront") for each in pictures), return_exceptions=True)

    assert [type(each) for each in done].count(TooManyFiles) == 4
    assert len(await office.services.library.of_record(WORKER, "1-王芳", ANNA)) == 4
    assert office.usage.total == sum(len(each) for each in pictures[:4])


async def test_all_files_together_have_a_limit(office: Office) -> None:
    office.usage.total = office.limits.total_bytes

    with pytest.raises(FilesQuotaUsed):
        await office.upload(RED)


async def test_a_storage_that_fails_leaves_nothing_to_see_and_trying_again_works(office: Office) -> None:
    office.storage.fails = True
    with pytest.raises(Unavailable):
        await office.upload(RED)
    assert await office.services.library.of_record(WORKER, "1-王芳", ANNA) == []

    office.storage.fails = False
    file = await office.upload(RED)
    assert [each.id for each in await office.services.library.of_record(WORKER, "1-王芳", ANNA)] == [file.id]

    office.clock.advance(25 * 3600)
    assert await office.services.maintenance.sweep() == 1
    assert len(office.storage.objects) == 2


async def test_a_deleted_file_is_invisible_at_once_and_gone_with_the_next_sweep(office: Office) -> None:
    file, other = await office.upload(RED), await office.upload(BLUE)
    link = (await office.services.links.link(file.id, "original", ANNA)).url.rsplit("/", 1)[1]

    with pytest.raises(PermissionDenied):
        await office.services.library.delete(file.id, BORIS, ACTOR)
    await office.services.library.delete(file.id, ANNA, ACTOR)

    with pytest.raises(FileNotFound):
        await office.services.links.link(file.id, "original", ANNA)
    with pytest.raises(LinkInvalid):
        await office.services.links.open(link)
    assert await office.services.maintenance.sweep() == 1
    assert all(other.id in key for key in office.storage.objects)
    assert (office.files.stored[file.id].name, office.files.stored[file.id].sha256) == ("", "")
    assert (await office.upload(RED)).id != file.id


async def test_a_draft_is_its_uploaders_alone_until_a_record_takes_it(office: Office) -> None:
    draft = await office.upload(RED, area=DRAFT_AREA, record=draft_of(ANNA))
    owner = RecordRef(area=WORKER, record_id="1-王芳", kind="personalPhoto")
    library, links = office.services.library, office.services.links

    with pytest.raises(FileNotFound):
        await links.link(draft.id, "original", BORIS)
    with pytest.raises(FileNotFound):
        await library.attach(draft.id, owner.model_copy(update={"record_id": "2-x"}), BORIS, ACTOR)
    with pytest.raises(PermissionDenied):
        await library.attach(draft.id, owner, BORIS, ACTOR)
    await library.attach(draft.id, owner, ANNA, ACTOR)
    await library.attach(draft.id, owner, ANNA, ACTOR)

    office.clock.advance(100 * 24 * 3600)
    assert await office.services.maintenance.sweep() == 0
    assert (await links.link(draft.id, "original", BORIS)).seconds == 600


async def test_a_draft_that_nobody_takes_is_swept(office: Office) -> None:
    await office.upload(RED, area=DRAFT_AREA, record=draft_of(ANNA))

    office.clock.advance(timedelta(days=7).total_seconds() - 1)
    assert await office.services.maintenance.sweep() == 0
    office.clock.advance(1)
    assert await office.services.maintenance.sweep() == 1

    assert office.storage.objects == {}
    assert office.files.events[-1].type == "audit"


async def test_an_object_that_the_storage_refuses_to_remove_keeps_no_other_file_waiting(office: Office) -> None:
    refused, other = await office.upload(RED), await office.upload(BLUE)
    office.storage.refused = {refused.key_of("original")}
    for file in (refused, other):
        await office.services.library.delete(file.id, ANNA, ACTOR)

    assert await office.services.maintenance.sweep() == 1
    assert office.storage.objects
    assert all(refused.id in key for key in office.storage.objects)
    with pytest.raises(UpstreamFailed):
        await office.services.maintenance.sweep()

    office.storage.refused = set()
    assert await office.services.maintenance.sweep() == 1
    assert office.storage.objects == {}


async def test_a_sweep_that_fails_in_the_middle_goes_on_with_the_next_round(office: Office) -> None:
    for number in range(250):
        await office.upload(picture(size=(60 + number, 40)), record=f"1-{number}")
    await office.services.library.forget_record(WORKER, "1-0")
    for number in range(250):
        await office.services.library.forget_record(WORKER, f"1-{number}")

    assert await office.services.maintenance.sweep() == 250
    assert office.storage.objects == {}


async def test_a_new_picture_of_an_account_replaces_the_former(office: Office) -> None:
    replace_avatar = office.services.avatars.replace

    async def set_to(content: bytes) -> str:
        async with office.services.spool.receive(in_one_piece(content), 10**7) as received:
            return await replace_avatar(WORKER, "1-王芳", received, "a.jpg", ANNA, ACTOR)

    for content in (RED, BLUE, RED, BLUE, picture(color="green")):
        assert await set_to(content) == office.workers.avatars["1-王芳"]

    (kept,) = await office.services.library.of_record(WORKER, "1-王芳", ANNA)
    assert office.workers.avatars["1-王芳"] == f"/api/upload/file/{kept.id}"


async def test_of_pictures_that_come_at_once_the_shown_one_is_kept(office: Office) -> None:
    async def set_to(content: bytes) -> str:
        async with office.services.spool.receive(in_one_piece(content), 10**7) as received:
            return await office.services.avatars.replace(WORKER, "1-王芳", received, "a.jpg", ANNA, ACTOR)

    await asyncio.gather(*(set_to(content) for content in (RED, BLUE, picture(color="green"))))

    (kept,) = await office.services.library.of_record(WORKER, "1-王芳", ANNA)
    assert office.workers.avatars["1-王芳"] == f"/api/upload/file/{kept.id}"


class TestLinks:
    async def test_a_link_shows_the_file_for_ten_minutes(self, office: Office) -> None:
        file = await office.upload(RED)
        link = await office.services.links.link(file.id, "small", ANNA)
        text = link.url.removeprefix(f"{CONTENT_PATH}/")

        shown = await office.services.links.open(text)
        assert str(shown.path).endswith(f"{file.id}/small")
        assert (shown.served.content_type, shown.served.inline) == ("image/jpeg", True)

        office.clock.advance(600)
        with pytest.raises(LinkInvalid):
            await office.services.links.open(text)

    async def test_links_of_documents_live_half_as_long(self, office: Office) -> None:
        file = await office.upload(pdf(), kind="medicalReport")

        link = await office.services.links.link(file.id, "large", ANNA)
        shown = await office.services.links.open(link.url.removeprefix(f"{CONTENT_PATH}/"))

        assert link.seconds == 300
        assert str(shown.path).endswith("/original")
        assert not shown.served.inline

    async def test_a_link_ends_with_the_session_and_with_the_right_to_see(self, office: Office) -> None:
        file = await office.upload(RED)
        text = (await office.services.links.link(file.id, "original", ANNA)).url.removeprefix(f"{CONTENT_PATH}/")

        office.workers.hidden_from.add(ANNA.id)
        with pytest.raises(LinkInvalid):
            await office.services.links.open(text)
        office.workers.hidden_from.clear()
        office.sessions.ended.add(ANNA.session_id)
        with pytest.raises(LinkInvalid):
            await office.services.links.open(text)

    async def test_a_changed_link_is_worth_nothing(self, office: Office) -> None:
        file, other = await office.upload(RED), await office.upload(BLUE)
        text = (await office.services.links.link(file.id, "small", ANNA)).url.removeprefix(f"{CONTENT_PATH}/")
        expires = text.split(".")[5]

        for forged in (
            text.replace(file.id, other.id),
            text.replace("small", "original"),
            text.replace(ANNA.id, BORIS.id),
            text.replace(ANNA.session_id, BORIS.session_id),
            text.replace(expires, str(int(expires) + 1000)),
            text[:-1] + ("0" if text[-1] != "0" else "1"),
            text.rpartition(".")[0],
            "../../etc/passwd",
            "",
        ):
            with pytest.raises(LinkInvalid):
                await office.services.links.open(forged)

    async def test_a_provider_serves_its_objects_itself(self, office: Office) -> None:
        office.storage.is_remote = True
        file = await office.upload(RED)

        link = await office.services.links.link(file.id, "original", ANNA)

        assert link.url == f"https://storage.example/{file.key_of('original')}?seconds=600"
