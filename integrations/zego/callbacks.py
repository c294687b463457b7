"""Verifies callbacks of ZEGO and translates them into media reports. A doubtful callback counts as forged.

The signature covers the secret, the time and a nonce, but not the body. Therefore the time must be near ours, and a
nonce is accepted with one body only: ZEGO repeats a callback that was not answered, with the same nonce and body.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.errors import ForgedReport
from domain.interviews.media.ports import MediaReportVerifier
from domain.interviews.media.reports import MediaReport, MediaReportKind
from integrations.redis.failures import redis_failures

WINDOW_SECONDS: Final = 600
MAX_FIELDS: Final = 40
MAX_VALUE_LENGTH: Final = 1024
_KINDS: Final = {
    "room_create": MediaReportKind.ROOM_OPENED,
    "room_close": MediaReportKind.ROOM_CLOSED,
    "room_login": MediaReportKind.ENTERED,
    "room_logout": MediaReportKind.LEFT,
}
_TIMES: Final = ("room_create_time", "room_close_time", "logout_time", "login_time", "timestamp")
"""The first of these fields that is present is the time of the event."""
_KICKED: Final = "3"
_MAX_DIGITS: Final = 20


class ZegoCallbackVerifier(MediaReportVerifier):
    def __init__(self, app_id: int, callback_secret: str, redis: Redis) -> None:
        self._app_id = str(app_id)
        self._secret = callback_secret
        self._redis = redis

    async def verify(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        self._require_signature(fields)
        if fields.get("appid") != self._app_id:
            raise ForgedReport
        _require_recent(fields["timestamp"], now)
        await self._require_unused_nonce(fields)
        return _report(fields)

    def _require_signature(self, fields: Mapping[str, str]) -> None:
        shown = fields.get("signature", "")
        within_limits = len(fields) <= MAX_FIELDS and all(len(value) <= MAX_VALUE_LENGTH for value in fields.values())
        expected = callback_signature(self._secret, fields.get("timestamp", ""), fields.get("nonce", ""))
        # As bytes: for texts `compare_digest` accepts ASCII only.
        if not hmac.compare_digest(shown.encode(), expected.encode()) or not within_limits or not fields.get("nonce"):
            raise ForgedReport

    async def _require_unused_nonce(self, fields: Mapping[str, str]) -> None:
        body = json.dumps(dict(fields), sort_keys=True).encode()
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        # Keyed by the signature: digits can move between time and nonce without changing it.
        key = f"zego:{self._app_id}:nonce:{fields['signature']}"
        with redis_failures():
            if await self._redis.set(key, digest, nx=True, ex=WINDOW_SECONDS * 2 + 60):
                return
            used_for: Any = await self._redis.get(key)
        if used_for is None or used_for.decode() != digest:
            raise ForgedReport


def callback_signature(secret: str, timestamp: str, nonce: str) -> str:
    """SHA-1 of the three texts, sorted and concatenated."""
    return hashlib.sha1("".join(sorted((secret, timestamp, nonce))).encode(), usedforsecurity=False).hexdigest()


def _require_recent(timestamp: str, now: datetime) -> None:
    if not _is_number(timestamp) or abs(int(timestamp) - now.timestamp()) > WINDOW_SECONDS:
        raise ForgedReport


def _report(fields: Mapping[str, str]) -> MediaReport | None:
    """None for events that are not used, and for those without a room or an incarnation."""
    kind = _KINDS.get(fields.get("event", ""))
    incarnation = fields.get("room_session_id") or fields.get("room_seq") or ""
    room_id, user_id = fields.get("room_id", ""), fields.get("user_account", "")
    about_a_user = kind in (MediaReportKind.ENTERED, MediaReportKind.LEFT)
    if kind is None or not room_id or not _is_number(incarnation) or (about_a_user and not user_id):
        return None
    return MediaReport(
        kind=kind,
        room_id=room_id,
        incarnation=str(int(incarnation)),
        user_id=user_id if about_a_user else "",
        login=fields.get("session_id") or fields.get("login_time") or "",
        by_order=_KICKED in (fields.get("close_reason"), fields.get("reason")),
        at=_instant(next(fields[name] for name in _TIMES if _is_number(fields.get(name, "")))),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _instant(number: str) -> datetime:
    """Some fields are in seconds, others in milliseconds."""
    value = int(number)
    seconds = value / 1000 if value > 10**11 else value
    return datetime.fromtimestamp(min(seconds, 2**32), UTC)
