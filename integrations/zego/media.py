"""Media tokens of ZEGO, and the null object for an installation without a media provider."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.interviews.errors import ForgedReport, MediaNotConfigured
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS, MediaToken
from domain.interviews.media.ports import MediaReportVerifier, MediaServer
from domain.interviews.media.reports import MediaReport
from domain.interviews.ports import MediaTokenIssuer
from integrations.zego.token04 import Token04, room_payload


class ZegoTokenIssuer(MediaTokenIssuer):
    available = True

    def __init__(self, tokens: Token04) -> None:
        self._tokens = tokens

    def issue(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_TOKEN_SECONDS) -> MediaToken:
        """Raises ValueError for an id that ZEGO does not accept."""
        issued_at = int(now.timestamp())
        return MediaToken(
            app_id=self._tokens.app_id,
            user_id=participant_id,
            token=self._tokens.issue(participant_id, room_payload(room_id), issued_at, seconds),
            expires_at=datetime.fromtimestamp(issued_at + seconds, UTC),
        )


class UnconfiguredMedia(MediaTokenIssuer, MediaServer, MediaReportVerifier):
    """No provider is configured: calls go from browser to browser and end with the signaling."""

    available = False

    def issue(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_TOKEN_SECONDS) -> MediaToken:
        raise MediaNotConfigured

    async def close_room(self, room_id: str, reason: str) -> None:
        return

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        return

    async def users(self, room_id: str) -> Sequence[str]:
        return ()

    async def verify(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        raise ForgedReport
