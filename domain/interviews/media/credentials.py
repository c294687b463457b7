"""Short-lived credentials for media: tokens of the provider, and ICE servers for calls from browser to browser."""

from typing import Final

from domain.shared.model import Instant, Model

MEDIA_TOKEN_SECONDS: Final = 7200


class MediaToken(Model):
    """The values by which the provider's SDK enters a room."""

    app_id: int
    user_id: str
    token: str
    expires_at: Instant


class IceServer(Model):
    urls: list[str]
    username: str = ""
    credential: str = ""


class MediaCredentials(Model):
    zego: MediaToken | None
    ice_servers: list[IceServer]
