"""ZEGO as the provider that carries sound and pictures."""

from datetime import UTC, datetime
from typing import Final

from domain.interviews.answers import MediaTicket
from domain.interviews.media import MediaNotConfigured
from domain.interviews.ports import MediaProvider
from integrations.zego.token04 import Token04, room_payload

TOKEN_SECONDS: Final = 7200


class ZegoMedia(MediaProvider):
    available = True

    def __init__(self, tokens: Token04) -> None:
        self._tokens = tokens

    def ticket(self, room_id: str, participant_id: str, now: datetime, seconds: int = TOKEN_SECONDS) -> MediaTicket:
        """ValueError for an id that ZEGO would not take."""
        issued_at = int(now.timestamp())
        return MediaTicket(
            app_id=self._tokens.app_id,
            user_id=participant_id,
            token=self._tokens.issue(participant_id, room_payload(room_id), issued_at, seconds),
            expires_at=datetime.fromtimestamp(issued_at + seconds, UTC),
        )


class NoMedia(MediaProvider):
    """Nothing is configured: calls go from browser to browser."""

    available = False

    def ticket(self, room_id: str, participant_id: str, now: datetime, seconds: int = 0) -> MediaTicket:
        raise MediaNotConfigured
