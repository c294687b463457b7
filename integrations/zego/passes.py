"""Passes into ZEGO's rooms."""

from datetime import UTC, datetime

from domain.interviews.media import MediaPass, MediaPasses
from domain.shared.ports import Clock
from integrations.zego.token04 import Token04, room_payload


class ZegoPasses(MediaPasses):
    def __init__(self, tokens: Token04, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    @property
    def app_id(self) -> int:
        return self._tokens.app_id

    def issue(self, media_user_id: str, room_id: str, *, seconds: int, publish: bool = True) -> MediaPass:
        now = int(self._clock.now().timestamp())
        return MediaPass(
            app_id=self.app_id,
            user_id=media_user_id,
            token=self._tokens.issue(media_user_id, room_payload(room_id, publish=publish), now, seconds),
            expires_at=datetime.fromtimestamp(now + seconds, UTC),
        )
