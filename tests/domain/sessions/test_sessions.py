"""Sessions of an account: rotation of refresh secrets, reuse detection, limits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sessions.model import (
    MAX_SESSIONS,
    RETRY_WINDOW,
    PresentedToken,
    Rotation,
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


def rotate(
    sessions: Sessions, session_id: str, secret: str, replacement: str, now: datetime, is_ours: bool = False
) -> Rotation:
    token = PresentedToken(
        account_id="a1", session_id=session_id, secret=secret, replacement=replacement, is_ours=is_ours
    )
    return rotate_secret(sessions, token, now, DAY)


def test_a_secret_is_replaced_at_each_use() -> None:
    after = rotate((a_session(),), "s1", "first", "second", NOW)

    assert not after.reused
    assert rotate(after.sessions, "s1", "second", "third", NOW).reused is False


def test_a_repeated_call_gets_the_same_answer() -> None:
    after = rotate((a_session(),), "s1", "first", "second", NOW)

    again = rotate(after.sessions, "s1", "first", "second", NOW + RETRY_WINDOW)

    assert again == after
    assert rotate(again.sessions, "s1", "second", "third", NOW + RETRY_WINDOW).reused is False


@pytest.mark.parametrize("later", [RETRY_WINDOW + timedelta(milliseconds=1), DAY / 2])
def test_a_replaced_secret_presented_later_ends_the_session(later: timedelta) -> None:
    after = rotate((a_session(),), "s1", "first", "second", NOW)

    copied = rotate(after.sessions, "s1", "first", "second", NOW + later)

    assert copied.reused
    assert copied.sessions == ()


def test_a_secret_whose_replacement_was_used_ends_the_session_at_once() -> None:
    after = rotate((a_session(),), "s1", "first", "second", NOW)
    after = rotate(after.sessions, "s1", "second", "third", NOW)

    copied = rotate(after.sessions, "s1", "second", "x", NOW)

    assert copied.reused
    assert copied.sessions == ()


def test_any_replaced_secret_ends_the_session_however_long_ago_it_was_replaced() -> None:
    after = rotate((a_session(),), "s1", "first", "second", NOW)
    after = rotate(after.sessions, "s1", "second", "third", NOW)

    copied = rotate(after.sessions, "s1", "first", "second", NOW, is_ours=True)

    assert copied.reused
    assert copied.sessions == ()


@pytest.mark.parametrize(("session_id", "secret"), [("s1", "wrong"), ("s2", "first"), ("s1", "")])
def test_an_unknown_secret_is_refused_and_changes_nothing(session_id: str, secret: str) -> None:
    with pytest.raises(SessionEnded):
        rotate((a_session(),), session_id, secret, "second", NOW)


def test_an_expired_session_cannot_be_refreshed() -> None:
    with pytest.raises(SessionEnded):
        rotate((a_session(),), "s1", "first", "second", NOW + DAY)


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
