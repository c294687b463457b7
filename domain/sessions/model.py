"""Sessions of one account (mini-program user or staff member), stored inside the account's own document.

A session is a *family* of refresh tokens: each use replaces the secret. A replaced secret that is presented again was
probably copied, and ends the session (RFC 9700 §4.14.2). Being part of the account's document, sessions begin and end
in the same atomic write as the login, the block or the password change that causes it.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from domain.shared.errors import NotAuthenticated
from domain.shared.model import Instant, Model
from domain.shared.text import Text

RETRY_WINDOW = timedelta(seconds=10)
"""A client that lost our answer (a page reload, a train in a tunnel) may present the replaced secret this long."""
MAX_SESSIONS = 10
"""Devices at once; the least recently used one is removed."""


class SessionEnded(NotAuthenticated):
    code = "SESSION_ENDED"
    text = Text("登录已失效，请重新登录", "Your session has ended; please sign in again")


class Session(Model):
    """`refresh_hash` is the digest of the secret that is valid now."""

    id: str
    refresh_hash: str
    previous_hash: str = ""
    started_at: Instant
    used_at: Instant
    expires_at: Instant
    address: str = ""
    user_agent: str = ""


Sessions = tuple[Session, ...]


def secret_digest(secret: str) -> str:
    """The stored form of a refresh secret. A plain SHA-256 suffices: the secret itself is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_session(sessions: Sessions, new: Session, most: int = MAX_SESSIONS) -> Sessions:
    """The sessions with `new`, without expired ones; at most `most`, the least recently used are removed."""
    alive = [session for session in sessions if session.expires_at > new.started_at]
    alive.sort(key=lambda session: session.used_at)
    return (*alive[-(most - 1) :], new)


def remove_session(sessions: Sessions, session_id: str) -> Sessions:
    return tuple(session for session in sessions if session.id != session_id)


def keep_session(sessions: Sessions, session_id: str) -> Sessions:
    """The one session with this id, if it exists."""
    return tuple(session for session in sessions if session.id == session_id)


def is_session_alive(sessions: Sessions, session_id: str, now: datetime) -> bool:
    return any(session.id == session_id and session.expires_at > now for session in sessions)


class Rotation(Model):
    """The result of presenting a refresh secret. `reused`: a replaced secret was presented; its session is removed."""

    sessions: Sessions
    reused: bool


def rotate_secret(
    sessions: Sessions, session_id: str, presented: str, replacement: str, now: datetime, lifetime: timedelta
) -> Rotation:
    """The sessions after `presented` was exchanged for `replacement`. Raises SessionEnded: unknown or expired secret.

    Presented again within RETRY_WINDOW, before its replacement was used, the secret is exchanged for the same
    replacement, so that a repeated call gets the same answer. So a replacement must derive from the replaced secret.
    """
    for session in sessions:
        if session.id != session_id or session.expires_at <= now:
            continue
        if hmac.compare_digest(session.refresh_hash, secret_digest(presented)):
            renewed = session.model_copy(
                update={
                    "refresh_hash": secret_digest(replacement),
                    "previous_hash": session.refresh_hash,
                    "used_at": now,
                    "expires_at": now + lifetime,
                }
            )
            return Rotation(sessions=(*remove_session(sessions, session_id), renewed), reused=False)
        if hmac.compare_digest(session.previous_hash, secret_digest(presented)):
            newest = hmac.compare_digest(session.refresh_hash, secret_digest(replacement))
            if newest and now - session.used_at <= RETRY_WINDOW:
                return Rotation(sessions=sessions, reused=False)
            return Rotation(sessions=remove_session(sessions, session_id), reused=True)
    raise SessionEnded
