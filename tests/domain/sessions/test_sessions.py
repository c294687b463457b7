"""Sessions of an account: rotation of refresh secrets, reuse detection, limits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sessions.model import (
    MAX_SESSIONS,
    RETRY_WINDOW,
    Session,
    SessionEnded,
    Sessions,
    add_session,
    is_session_alive,
    remove_session,
    rotate_secret,
    secret_digest,
)
from domain.sessions.tokens import format_refresh_token, parse_refresh_token

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_session(session_id: str = "s1", secret: str = "first", started_at: datetime = NOW) -> Session:
    return Session(
        id=session_id,
        refresh_hash=secret_digest(secret),
        started_at=started_at,
        used_at=started_at,
        expires_at=started_at + DAY,
    )


def test_a_secret_is_replaced_at_each_use() -> None:
    after = rotate_secret((a_session(),), "s1", "first", "second", NOW, DAY)

    assert not after.reused
    assert rotate_secret(after.sessions, "s1", "second", "third", NOW, DAY).reused is False


def test_a_repeated_call_gets_the_same_answer() -> None:
    after = rotate_secret((a_session(),), "s1", "first", "second", NOW, DAY)

    again = rotate_secret(after.sessions, "s1", "first", "second", NOW + RETRY_WINDOW, DAY)

    assert again == after
    assert rotate_secret(again.sessions, "s1", "second", "third", NOW + RETRY_WINDOW, DAY).reused is False


@pytest.mark.parametrize("later", [RETRY_WINDOW + timedelta(milliseconds=1), DAY / 2])
def test_a_replaced_secret_presented_later_ends_the_session(later: timedelta) -> None:
    after = rotate_secret((a_session(),), "s1", "first", "second", NOW, DAY)

    copied = rotate_secret(after.sessions, "s1", "first", "second", NOW + later, DAY)

    assert copied.reused
    assert copied.sessions == ()


def test_a_secret_whose_replacement_was_used_ends_the_session_at_once() -> None:
    after = rotate_secret((a_session(),), "s1", "first", "second", NOW, DAY)
    after = rotate_secret(after.sessions, "s1", "second", "third", NOW, DAY)

    copied = rotate_secret(after.sessions, "s1", "second", "x", NOW, DAY)

    assert copied.reused
    assert copied.sessions == ()


@pytest.mark.parametrize(("session_id", "secret"), [("s1", "wrong"), ("s2", "first"), ("s1", "")])
def test_an_unknown_secret_is_refused_and_changes_nothing(session_id: str, secret: str) -> None:
    with pytest.raises(SessionEnded):
        rotate_secret((a_session(),), session_id, secret, "second", NOW, DAY)


def test_an_expired_session_cannot_be_refreshed() -> None:
    with pytest.raises(SessionEnded):
        rotate_secret((a_session(),), "s1", "first", "second", NOW + DAY, DAY)


def test_the_least_recently_used_session_is_removed() -> None:
    sessions: Sessions = ()
    for number in range(MAX_SESSIONS + 1):
        sessions = add_session(sessions, a_session(f"s{number}", started_at=NOW + timedelta(minutes=number)))

    assert len(sessions) == MAX_SESSIONS
    assert not is_session_alive(sessions, "s0", NOW + timedelta(hours=1))


def test_removing_one_session_leaves_the_others() -> None:
    sessions = add_session((a_session("s1"),), a_session("s2"))

    assert [session.id for session in remove_session(sessions, "s1")] == ["s2"]


@given(st.text(max_size=80))
def test_parsed_tokens_are_formatted_back_to_the_same_text(text: str) -> None:
    try:
        account, session, secret = parse_refresh_token(text)
    except SessionEnded:
        return
    assert format_refresh_token(account, session, secret) == text
