"""Sessions of one account (mini-program user or staff), kept inside the account's own document.

A session is a *family* of refresh tokens: each use replaces the secret. A replaced secret that is shown again means
that somebody copied it, and ends the session (RFC 9700 §4.14.2). Being part of the account's document, sessions begin
and end in the same atomic write as the log-in, the block or the change of password that causes it.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from domain.shared.errors import NotAuthenticated
from domain.shared.model import Instant, Model
from domain.shared.text import Text

REPEATED_WITHIN = timedelta(seconds=10)
"""A client whose answer was lost (a page that was reloaded, a train in a tunnel) shows the same secret once more."""
MOST_SESSIONS = 10
"""Devices at once; the one that was used longest ago gives way."""


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


def digest(secret: str) -> str:
    """The stored form of a refresh secret. A plain SHA-256 does: the secret itself is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def opened(sessions: Sessions, new: Session, most: int = MOST_SESSIONS) -> Sessions:
    """With `new`, without those that ran out, and no more than `most`."""
    alive = [session for session in sessions if session.expires_at > new.started_at]
    alive.sort(key=lambda session: session.used_at)
    return (*alive[-(most - 1) :], new)


def closed(sessions: Sessions, session_id: str) -> Sessions:
    return tuple(session for session in sessions if session.id != session_id)


def only(sessions: Sessions, session_id: str) -> Sessions:
    return tuple(session for session in sessions if session.id == session_id)


def alive(sessions: Sessions, session_id: str, now: datetime) -> bool:
    return any(session.id == session_id and session.expires_at > now for session in sessions)


class Rotation(Model):
    """What came of showing a refresh secret. `reused`: the session was ended because the secret had been replaced."""

    sessions: Sessions
    reused: bool


def rotated(
    sessions: Sessions, session_id: str, shown: str, replacement: str, now: datetime, lifetime: timedelta
) -> Rotation:
    """The sessions after `shown` was exchanged for `replacement`. SessionEnded: unknown or expired secret.

    Shown again within moments, before its replacement was used, it is exchanged for the same replacement: whoever
    repeats a lost call gets its answer. Replacements must therefore follow from what they replace.
    """
    for session in sessions:
        if session.id != session_id or session.expires_at <= now:
            continue
        if hmac.compare_digest(session.refresh_hash, digest(shown)):
            renewed = session.model_copy(
                update={
                    "refresh_hash": digest(replacement),
                    "previous_hash": session.refresh_hash,
                    "used_at": now,
                    "expires_at": now + lifetime,
                }
            )
            return Rotation(sessions=(*closed(sessions, session_id), renewed), reused=False)
        if hmac.compare_digest(session.previous_hash, digest(shown)):
            newest = hmac.compare_digest(session.refresh_hash, digest(replacement))
            if newest and now - session.used_at <= REPEATED_WITHIN:
                return Rotation(sessions=sessions, reused=False)
            return Rotation(sessions=closed(sessions, session_id), reused=True)
    raise SessionEnded
