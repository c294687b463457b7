"""Which messages about rooms are believed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.interviews.errors import ForgedReport
from domain.interviews.media.reports import MediaReport, MediaReportKind
from integrations.zego.callbacks import WINDOW_SECONDS, ZegoCallbackVerifier, callback_signature

SECRET = "callback-secret"
NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def message(at: int = SECONDS, proof: str = "123412", /, **fields: str) -> dict[str, str]:
    """A genuine log-in (instant, nonce), with `fields` changed afterwards."""
    told = {
        "event": "room_login",
        "appid": "1234567890",
        "room_id": "room_a",
        "room_name": "room_a",
        "room_seq": "6913423840437768192",
        "user_account": "p_guest",
        "user_nickname": "访客",
        "session_id": "77",
        "login_time": str(SECONDS * 1000),
        "timestamp": str(at),
        "nonce": proof,
        "signature": callback_signature(SECRET, str(at), proof),
    }
    return {**told, **fields}


@pytest.fixture
def callbacks(redis: Redis) -> ZegoCallbackVerifier:
    return ZegoCallbackVerifier(1234567890, SECRET, redis)


def test_the_signature_is_the_published_one() -> None:
    assert callback_signature("secret", "1470820198", "123412") == "5bd59fd62953a8059fb7eaba95720f66d19e4517"


async def test_a_genuine_message_is_read(callbacks: ZegoCallbackVerifier) -> None:
    report = await callbacks.verify(message(), NOW)

    assert report == MediaReport(
        kind=MediaReportKind.ENTERED,
        room_id="room_a",
        incarnation="6913423840437768192",
        user_id="p_guest",
        login="77",
        at=NOW,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "0" * 40},
        {"signature": ""},
        {"signature": "签名"},
        {"nonce": "123413"},
        {"nonce": ""},
        {"timestamp": str(SECONDS + 1)},
        {"appid": "1234567891"},
        {"appid": ""},
        {"room_id": "x" * 2000},
    ],
)
async def test_a_message_that_was_tampered_with_is_forged(
    callbacks: ZegoCallbackVerifier, change: dict[str, str]
) -> None:
    with pytest.raises(ForgedReport):
        await callbacks.verify(message(**change), NOW)


@pytest.mark.parametrize("name", ["timestamp", "nonce", "signature", "appid"])
async def test_a_message_without_one_of_its_proofs_is_forged(callbacks: ZegoCallbackVerifier, name: str) -> None:
    fields = message()
    del fields[name]

    with pytest.raises(ForgedReport):
        await callbacks.verify(fields, NOW)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1])
async def test_an_old_message_and_one_from_the_future_are_forged(callbacks: ZegoCallbackVerifier, seconds: int) -> None:
    with pytest.raises(ForgedReport):
        await callbacks.verify(message(SECONDS + seconds), NOW)


@pytest.mark.parametrize("timestamp", ["-1", "1e9", "१७७७६२२४००", "9" * 25, "soon"])
async def test_an_instant_that_is_no_number_is_forged(callbacks: ZegoCallbackVerifier, timestamp: str) -> None:
    signature = callback_signature(SECRET, timestamp, "5")

    with pytest.raises(ForgedReport):
        await callbacks.verify(message(timestamp=timestamp, nonce="5", signature=signature), NOW)


async def test_the_same_message_may_come_again_but_its_proof_is_good_for_no_other(
    callbacks: ZegoCallbackVerifier,
) -> None:
    first = await callbacks.verify(message(), NOW)

    assert await callbacks.verify(message(), NOW) == first
    with pytest.raises(ForgedReport):
        await callbacks.verify(message(user_account="somebody_else"), NOW)


async def test_digits_that_move_from_the_nonce_to_the_instant_make_no_new_proof(
    callbacks: ZegoCallbackVerifier,
) -> None:
    shown = callback_signature(SECRET, str(SECONDS), "99")
    shifted = message(timestamp=f"{SECONDS}9", nonce="9", signature=shown)

    with pytest.raises(ForgedReport):
        await callbacks.verify(shifted, NOW)


async def test_another_worker_knows_the_nonces_that_were_used(callbacks: ZegoCallbackVerifier, redis: Redis) -> None:
    await callbacks.verify(message(), NOW)

    with pytest.raises(ForgedReport):
        await ZegoCallbackVerifier(1234567890, SECRET, redis).verify(message(event="room_logout"), NOW)


@pytest.mark.parametrize(
    ("fields", "kind", "by_order"),
    [
        ({"event": "room_create", "room_session_id": "7"}, MediaReportKind.ROOM_OPENED, False),
        ({"event": "room_close", "room_session_id": "7", "close_reason": "0"}, MediaReportKind.ROOM_CLOSED, False),
        ({"event": "room_close", "room_session_id": "7", "close_reason": "3"}, MediaReportKind.ROOM_CLOSED, True),
        ({"event": "room_logout", "reason": "1"}, MediaReportKind.LEFT, False),
        ({"event": "room_logout", "reason": "3"}, MediaReportKind.LEFT, True),
    ],
)
async def test_each_event_has_its_meaning(
    callbacks: ZegoCallbackVerifier, fields: dict[str, str], kind: MediaReportKind, by_order: bool
) -> None:
    report = await callbacks.verify(message(**fields), NOW)

    assert report is not None
    assert (report.kind, report.by_order) == (kind, by_order)


@pytest.mark.parametrize(
    "change",
    [{"event": "stream_create"}, {"event": ""}, {"room_id": ""}, {"room_seq": "x"}, {"user_account": ""}],
)
async def test_what_is_genuine_but_concerns_nobody_is_nothing(
    callbacks: ZegoCallbackVerifier, change: dict[str, Any]
) -> None:
    assert await callbacks.verify(message(**change), NOW) is None
