"""Sessions of one account (mini-program user or staff member), stored inside the account's own document.

A session is a *family* of refresh tokens: each use replaces the secret. A replaced secret that is presented again was
probably copied, and ends the session, however long ago it was replaced (RFC 9700 §4.14.2). Being part of the account's
document, sessions begin and end in the same atomic write as the login, the block or the password change that causes it.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from domain.shared.errors import NotAuthenticated
from domain.shared.ip_addresses import rate_limit_key
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


def began_at(sessions: Sessions, address: str, now: datetime) -> bool:
    """True if one of the sessions that are still alive began at this address."""
    place = rate_limit_key(address)
    return any(session.expires_at > now and rate_limit_key(session.address) == place for session in sessions)


def is_session_alive(sessions: Sessions, session_id: str, now: datetime) -> bool:
    return any(session.id == session_id and session.expires_at > now for session in sessions)


class PresentedToken(Model):
    """A refresh token as a client presents it; nothing of it is verified, unless stated."""

    account_id: str
    session_id: str
    secret: str
    replacement: str
    """The secret that replaces it. It derives from the presented one, so that a repeated call gets the same answer."""
    is_ours: bool
    """Its signature proves that we issued it for this session, now or at any time before."""


class Rotation(Model):
    """The result of presenting a refresh secret. `reused`: a replaced secret was presented; its session is removed."""

    sessions: Sessions
    reused: bool


def rotate_secret(sessions: Sessions, token: PresentedToken, now: datetime, lifetime: timedelta) -> Rotation:
    """The sessions after the secret of `token` was replaced. Raises SessionEnded: unknown secret or expired session.

    Presented again within RETRY_WINDOW, before its replacement was used, the secret gets the same replacement. Any
    other replaced secret ends the session; it is recognised by its signature, so that no list of old ones is needed.
    """
    digest = secret_digest(token.secret)
    for session in sessions:
        if session.id != token.session_id or session.expires_at <= now:
            continue
        if hmac.compare_digest(session.refresh_hash, digest):
            renewed = session.model_copy(
                update={
                    "refresh_hash": secret_digest(token.replacement),
                    "previous_hash": session.refresh_hash,
                    "used_at": now,
                    "expires_at": now + lifetime,
                }
            )
            return Rotation(sessions=(*remove_session(sessions, session.id), renewed), reused=False)
        is_predecessor = hmac.compare_digest(session.previous_hash, digest)
        if is_predecessor and _may_repeat(session, token, now):
            return Rotation(sessions=sessions, reused=False)
        if is_predecessor or token.is_ours:
            return Rotation(sessions=remove_session(sessions, session.id), reused=True)
    raise SessionEnded


def _may_repeat(session: Session, token: PresentedToken, now: datetime) -> bool:
    is_newest = hmac.compare_digest(session.refresh_hash, secret_digest(token.replacement))
    return is_newest and now - session.used_at <= RETRY_WINDOW
