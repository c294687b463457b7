"""Refreshes and replays of one session's refresh tokens in any order, compared with a plain list of issued tokens."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.sessions.model import RETRY_WINDOW, Session, SessionEnded, rotate_secret, secret_digest
from domain.sessions.tokens import format_refresh_token, presented_token
from tests.domain.users.fakes import FakeTokens

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LIFETIME = timedelta(days=30)
SESSION = "s1"

PRESENTED = st.tuples(st.integers(0, 8), st.sampled_from([0, 1, 10, 11, 3600]))
"""How many generations before the newest token, and seconds since the step before."""


class Family:
    """One session, and all secrets that were issued for it, oldest first."""

    def __init__(self, first_secret: str) -> None:
        self.tokens = FakeTokens()
        self.issued = [first_secret]
        self.now = self.rotated_at = NOW
        self.sessions: tuple[Session, ...] = (
            Session(
                id=SESSION,
                refresh_hash=secret_digest(first_secret),
                started_at=NOW,
                used_at=NOW,
                expires_at=NOW + LIFETIME,
            ),
        )

    def present(self, secret: str) -> str:
        """The secret that the client receives; empty if it is refused."""
        token = presented_token(format_refresh_token("a1", SESSION, secret), self.tokens)
        try:
            rotation = rotate_secret(self.sessions, token, self.now, LIFETIME)
        except SessionEnded:
            return ""
        self.sessions = rotation.sessions
        return "" if rotation.reused else token.replacement

    def present_older(self, generations: int, seconds: int) -> None:
        """Presents a token and checks the outcome: the rule, stated with all tokens at hand."""
        self.now += timedelta(seconds=seconds)
        position = max(len(self.issued) - 1 - generations, 0)
        age, was_alive = len(self.issued) - 1 - position, bool(self.sessions)

        received = self.present(self.issued[position])

        if not was_alive:
            assert received == ""
        elif age == 0:
            assert received not in self.issued
            self.issued.append(received)
            self.rotated_at = self.now
        elif age == 1 and self.now - self.rotated_at <= RETRY_WINDOW:
            assert received == self.issued[-1]
        elif age == 1 or "~" in self.issued[position]:
            assert (received, self.sessions) == ("", ())
        else:  # issued unsigned by a former version, and replaced more than once since
            assert received == ""
            assert self.sessions


@given(st.lists(PRESENTED, max_size=30))
def test_a_token_that_was_replaced_ends_the_session_unless_the_call_is_repeated(steps: list[tuple[int, int]]) -> None:
    family = Family(FakeTokens().refresh_secret(SESSION, "seed"))

    for generations, seconds in steps:
        family.present_older(generations, seconds)


@given(st.lists(PRESENTED, max_size=30))
def test_a_session_whose_token_a_former_version_issued_goes_on(steps: list[tuple[int, int]]) -> None:
    family = Family("unsigned")

    family.present_older(0, 0)
    for generations, seconds in steps:
        family.present_older(generations, seconds)


@given(st.integers(2, 20), st.data())
def test_a_token_replaced_more_than_once_always_ends_the_session(refreshes: int, data: st.DataObject) -> None:
    family = Family(FakeTokens().refresh_secret(SESSION, "seed"))
    for _ in range(refreshes):
        family.present_older(0, 1)
    newest = family.issued[-1]

    copied = data.draw(st.integers(0, refreshes - 2))

    assert family.present(family.issued[copied]) == ""
    assert family.sessions == ()
    assert family.present(newest) == ""


@given(st.text(alphabet="abc~s1-", max_size=12))
def test_a_secret_of_another_session_is_refused_and_changes_nothing(seed: str) -> None:
    family = Family(FakeTokens().refresh_secret(SESSION, "seed"))
    before = family.sessions

    assert family.present(FakeTokens().refresh_secret("s2", seed)) == ""
    assert family.sessions == before
