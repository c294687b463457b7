"""Verification of ZEGO's callbacks, and their translation into reports."""

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


def callback(at: int = SECONDS, nonce: str = "123412", /, **fields: str) -> dict[str, str]:
    """An authentic callback about a log-in, with `fields` changed after it was signed."""
    authentic = {
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
        "nonce": nonce,
        "signature": callback_signature(SECRET, str(at), nonce),
    }
    return {**authentic, **fields}


@pytest.fixture
def callbacks(redis: Redis) -> ZegoCallbackVerifier:
    return ZegoCallbackVerifier(1234567890, SECRET, redis)


def test_the_signature_is_the_published_one() -> None:
    assert callback_signature("secret", "1470820198", "123412") == "5bd59fd62953a8059fb7eaba95720f66d19e4517"


async def test_an_authentic_callback_becomes_a_report(callbacks: ZegoCallbackVerifier) -> None:
    report = await callbacks.verify(callback(), NOW)

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
async def test_a_callback_that_was_changed_is_forged(callbacks: ZegoCallbackVerifier, change: dict[str, str]) -> None:
    with pytest.raises(ForgedReport):
        await callbacks.verify(callback(**change), NOW)


@pytest.mark.parametrize("name", ["timestamp", "nonce", "signature", "appid"])
async def test_a_callback_without_a_required_field_is_forged(callbacks: ZegoCallbackVerifier, name: str) -> None:
    fields = callback()
    del fields[name]

    with pytest.raises(ForgedReport):
        await callbacks.verify(fields, NOW)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1])
async def test_callbacks_outside_the_time_window_are_forged(callbacks: ZegoCallbackVerifier, seconds: int) -> None:
    with pytest.raises(ForgedReport):
        await callbacks.verify(callback(SECONDS + seconds), NOW)


@pytest.mark.parametrize("timestamp", ["-1", "1e9", "१७७७६२२४००", "9" * 25, "soon"])
async def test_a_callback_with_an_invalid_timestamp_is_forged(callbacks: ZegoCallbackVerifier, timestamp: str) -> None:
    signature = callback_signature(SECRET, timestamp, "5")

    with pytest.raises(ForgedReport):
        await callbacks.verify(callback(timestamp=timestamp, nonce="5", signature=signature), NOW)


async def test_a_callback_may_be_repeated_but_its_nonce_is_refused_for_another_body(
    callbacks: ZegoCallbackVerifier,
) -> None:
    first = await callbacks.verify(callback(), NOW)

    assert await callbacks.verify(callback(), NOW) == first
    with pytest.raises(ForgedReport):
        await callbacks.verify(callback(user_account="another_user"), NOW)


async def test_moving_digits_between_timestamp_and_nonce_does_not_bypass_the_nonce_check(
    callbacks: ZegoCallbackVerifier,
) -> None:
    signature = callback_signature(SECRET, str(SECONDS), "99")
    shifted = callback(timestamp=f"{SECONDS}9", nonce="9", signature=signature)

    with pytest.raises(ForgedReport):
        await callbacks.verify(shifted, NOW)


async def test_used_nonces_are_known_to_all_processes(callbacks: ZegoCallbackVerifier, redis: Redis) -> None:
    await callbacks.verify(callback(), NOW)

    with pytest.raises(ForgedReport):
        await ZegoCallbackVerifier(1234567890, SECRET, redis).verify(callback(event="room_logout"), NOW)


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
async def test_each_event_has_its_report_kind(
    callbacks: ZegoCallbackVerifier, fields: dict[str, str], kind: MediaReportKind, by_order: bool
) -> None:
    report = await callbacks.verify(callback(**fields), NOW)

    assert report is not None
    assert (report.kind, report.by_order) == (kind, by_order)


@pytest.mark.parametrize(
    "change",
    [{"event": "stream_create"}, {"event": ""}, {"room_id": ""}, {"room_seq": "x"}, {"user_account": ""}],
)
async def test_authentic_but_irrelevant_callbacks_are_ignored(
    callbacks: ZegoCallbackVerifier, change: dict[str, Any]
) -> None:
    assert await callbacks.verify(callback(**change), NOW) is None
