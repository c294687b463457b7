"""ZEGO as the provider that carries sound and pictures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.interviews.live.answers import MediaTicket
from domain.interviews.media.plane import ForgedReport, MediaNotConfigured, MediaPlane, MediaReport, MediaReports
from domain.interviews.ports import MEDIA_SECONDS, MediaProvider
from integrations.zego.token04 import Token04, room_payload


class ZegoMedia(MediaProvider):
    available = True

    def __init__(self, tokens: Token04) -> None:
        self._tokens = tokens

    def ticket(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_SECONDS) -> MediaTicket:
        """ValueError for an id that ZEGO would not take."""
        issued_at = int(now.timestamp())
        return MediaTicket(
            app_id=self._tokens.app_id,
            user_id=participant_id,
            token=self._tokens.issue(participant_id, room_payload(room_id), issued_at, seconds),
            expires_at=datetime.fromtimestamp(issued_at + seconds, UTC),
        )


class NoMedia(MediaProvider, MediaPlane, MediaReports):
    """Nothing is configured: calls go from browser to browser, and end with the signaling."""

    available = False

    def ticket(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_SECONDS) -> MediaTicket:
        raise MediaNotConfigured

    async def close_room(self, room_id: str, reason: str) -> None:
        return

    async def put_out(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        return

    async def users(self, room_id: str) -> Sequence[str]:
        return ()

    async def verified(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        raise ForgedReport
