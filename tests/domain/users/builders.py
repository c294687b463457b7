"""Builders of user accounts and sessions for tests."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.sessions.model import Session
from domain.users.identity import WeChatIdentity
from domain.users.model import User

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
APP_ID = "wx1"

_NUMBERS = count(1)


def a_user(open_id: str = "o1", union_id: str = "", **fields: Any) -> User:
    """A new account that is not stored yet."""
    identity = WeChatIdentity(app_id=APP_ID, open_id=open_id, union_id=union_id)
    user = User.registered(f"{next(_NUMBERS):024x}", identity, NOW)
    return user.model_copy(update={"last_login_at": NOW, **fields})


def a_session(session_id: str = "s1") -> Session:
    expires = NOW + timedelta(days=30)
    return Session(id=session_id, refresh_hash="h", started_at=NOW, used_at=NOW, expires_at=expires)
