"""The two tokens of a session: a short-lived signed access token, and an opaque refresh token for one use."""

from datetime import datetime
from typing import Literal, Protocol

from domain.sessions.model import PresentedToken, SessionEnded
from domain.shared.model import Instant, Model

Audience = Literal["mp", "staff"]
"""mp: mini-program users; staff: our staff. A token of one audience is refused by the other."""


class AccessClaims(Model):
    """The claims of a verified access token. It proves the identity; permissions are always read afresh."""

    audience: Audience
    subject: str
    session_id: str
    expires_at: Instant


class AccessTokens(Protocol):
    def issue(self, audience: Audience, subject: str, session_id: str, now: datetime) -> tuple[str, int]:
        """A signed token and its lifetime in seconds."""

    def refresh_secret(self, session_id: str, seed: str) -> str:
        """The first refresh secret of a session, signed for it. `seed` is random."""

    def next_refresh_secret(self, session_id: str, secret: str) -> str:
        """The refresh secret that replaces `secret`: signed, deterministic, and unpredictable without our key."""

    def is_refresh_secret(self, session_id: str, secret: str) -> bool:
        """True if the signature shows that we issued this secret for this session.

        False for secrets of former versions, which are not signed, and when the key that signed it is no longer known.
        """

    def verify(self, audience: Audience, token: str, now: datetime) -> AccessClaims:
        """Raises NotAuthenticated for a token that is malformed, forged, expired or meant for another audience."""


class SessionTokens(Model):
    """The tokens in the form that clients receive."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name, not a secret
    expires_in: int


def format_refresh_token(subject: str, session_id: str, secret: str) -> str:
    return f"{subject}.{session_id}.{secret}"


def parse_refresh_token(token: str) -> tuple[str, str, str]:
    """(account id, session id, secret). Raises SessionEnded for a malformed token."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts) or not token.isascii():
        raise SessionEnded
    return parts[0], parts[1], parts[2]


def presented_token(token: str, tokens: AccessTokens) -> PresentedToken:
    """Raises SessionEnded for a malformed token."""
    account_id, session_id, secret = parse_refresh_token(token)
    return PresentedToken(
        account_id=account_id,
        session_id=session_id,
        secret=secret,
        replacement=tokens.next_refresh_secret(session_id, secret),
        is_ours=tokens.is_refresh_secret(session_id, secret),
    )
