"""The two tokens a log-in hands out: a short signed access token, and an opaque refresh token used once."""

from datetime import datetime
from typing import Literal, Protocol

from domain.sessions.model import SessionEnded
from domain.shared.model import Instant, Model

Audience = Literal["mp", "staff"]
"""mp: the mini-program users'; staff: ours. A token of one is refused by the other."""


class AccessClaims(Model):
    """What an access token says. It is proof of *who*; what they may do is always read afresh."""

    audience: Audience
    subject: str
    session_id: str
    expires_at: Instant


class AccessTokens(Protocol):
    def issue(self, audience: Audience, subject: str, session_id: str, now: datetime) -> tuple[str, int]:
        """A signed token and its life in seconds."""

    def successor(self, secret: str) -> str:
        """The refresh secret that takes this one's place: always the same, and nobody else can tell it."""

    def verify(self, audience: Audience, token: str, now: datetime) -> AccessClaims:
        """Raises NotAuthenticated for a token that is malformed, forged, expired or meant for another audience."""


class SessionTokens(Model):
    """As they go to the client."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name, not a secret
    expires_in: int


def refresh_token(subject: str, session_id: str, secret: str) -> str:
    return f"{subject}.{session_id}.{secret}"


def read_refresh_token(token: str) -> tuple[str, str, str]:
    """(account id, session id, secret). Raises SessionEnded when it is not one of ours."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise SessionEnded
    return parts[0], parts[1], parts[2]
