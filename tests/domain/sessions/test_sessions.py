"""Sessions inside an account: one secret at a time, and a copied one ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sessions.model import (
    MOST_SESSIONS,
    REPEATED_WITHIN,
    Session,
    SessionEnded,
    Sessions,
    alive,
    closed,
    digest,
    opened,
    rotated,
)
from domain.sessions.tokens import read_refresh_token, refresh_token

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_session(session_id: str = "s1", secret: str = "first", started_at: datetime = NOW) -> Session:
    return Session(
        id=session_id,
        refresh_hash=digest(secret),
        started_at=started_at,
        used_at=started_at,
        expires_at=started_at + DAY,
    )


def test_a_secret_is_replaced_at_each_use() -> None:
    after = rotated((a_session(),), "s1", "first", "second", NOW, DAY)

    assert not after.reused
    assert rotated(after.sessions, "s1", "second", "third", NOW, DAY).reused is False


def test_whoever_repeats_a_lost_call_gets_its_answer() -> None:
    after = rotated((a_session(),), "s1", "first", "second", NOW, DAY)

    again = rotated(after.sessions, "s1", "first", "second", NOW + REPEATED_WITHIN, DAY)

    assert again == after
    assert rotated(again.sessions, "s1", "second", "third", NOW + REPEATED_WITHIN, DAY).reused is False


@pytest.mark.parametrize("later", [REPEATED_WITHIN + timedelta(milliseconds=1), DAY / 2])
def test_a_replaced_secret_shown_later_ends_the_session(later: timedelta) -> None:
    after = rotated((a_session(),), "s1", "first", "second", NOW, DAY)

    copied = rotated(after.sessions, "s1", "first", "second", NOW + later, DAY)

    assert copied.reused
    assert copied.sessions == ()


def test_a_secret_whose_replacement_was_used_ends_the_session_at_once() -> None:
    after = rotated((a_session(),), "s1", "first", "second", NOW, DAY)
    after = rotated(after.sessions, "s1", "second", "third", NOW, DAY)

    copied = rotated(after.sessions, "s1", "second", "x", NOW, DAY)

    assert copied.reused
    assert copied.sessions == ()


@pytest.mark.parametrize(("session_id", "secret"), [("s1", "wrong"), ("s2", "first"), ("s1", "")])
def test_an_unknown_secret_is_refused_and_changes_nothing(session_id: str, secret: str) -> None:
    with pytest.raises(SessionEnded):
        rotated((a_session(),), session_id, secret, "second", NOW, DAY)


def test_an_expired_session_cannot_be_renewed() -> None:
    with pytest.raises(SessionEnded):
        rotated((a_session(),), "s1", "first", "second", NOW + DAY, DAY)


def test_the_device_used_longest_ago_gives_way() -> None:
    sessions: Sessions = ()
    for number in range(MOST_SESSIONS + 1):
        sessions = opened(sessions, a_session(f"s{number}", started_at=NOW + timedelta(minutes=number)))

    assert len(sessions) == MOST_SESSIONS
    assert not alive(sessions, "s0", NOW + timedelta(hours=1))


def test_closing_one_session_leaves_the_others() -> None:
    sessions = opened((a_session("s1"),), a_session("s2"))

    assert [session.id for session in closed(sessions, "s1")] == ["s2"]


@given(st.text(max_size=80))
def test_no_text_passes_as_a_refresh_token_by_accident(text: str) -> None:
    try:
        account, session, secret = read_refresh_token(text)
    except SessionEnded:
        return
    assert refresh_token(account, session, secret) == text
