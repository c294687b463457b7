"""Refresh, logout and check of users' sessions."""

from datetime import timedelta

import pytest

from domain.sessions.model import RETRY_WINDOW, SessionEnded
from domain.sessions.tokens import AccessClaims
from domain.users.errors import UserBlocked
from domain.users.events import UserActive
from domain.users.identity import IdentityDigests
from domain.users.login.completion import LoggedIn
from domain.users.login.sessions import REFRESH_LIFETIME
from tests.domain.users.builders import NOW
from tests.domain.users.fakes import ANONYMOUS, UserArea


def claims(done: LoggedIn) -> AccessClaims:
    session = done.user.sessions[-1]
    return AccessClaims(audience="mp", subject=done.user.id, session_id=session.id, expires_at=session.expires_at)


async def test_a_refresh_rotates_the_token_and_counts_as_activity(area: UserArea) -> None:
    done = await area.login()
    area.clock.advance(3600)

    renewed = await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)
    again = await area.services.sessions.refresh(renewed.refresh_token, ANONYMOUS)

    assert len({done.tokens.refresh_token, renewed.refresh_token, again.refresh_token}) == 3
    account = area.account(done.user.id)
    assert (account.login_count, account.last_active_at, len(account.sessions)) == (1, area.clock.now(), 1)
    assert [event.method for event in area.users.events_of(UserActive)] == ["openid", "refresh", "refresh"]


async def test_a_repeated_refresh_within_moments_gets_the_same_tokens(area: UserArea) -> None:
    done = await area.login()

    first = await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)
    repeated = await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)

    assert repeated == first
    assert [event.method for event in area.users.events_of(UserActive)] == ["openid", "refresh"]


async def test_a_token_presented_again_later_ends_the_session(area: UserArea) -> None:
    done = await area.login()
    renewed = await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)
    area.clock.advance(RETRY_WINDOW.total_seconds() + 1)

    for token in (done.tokens.refresh_token, renewed.refresh_token):
        with pytest.raises(SessionEnded):
            await area.services.sessions.refresh(token, ANONYMOUS)

    assert area.account(done.user.id).sessions == ()
    assert [(each.method, each.reason) for each in area.failures()] == [("refresh", "SESSION_ENDED")] * 2


async def test_any_used_token_of_a_session_ends_it(area: UserArea) -> None:
    done = await area.login()
    second = await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)
    third = await area.services.sessions.refresh(second.refresh_token, ANONYMOUS)

    for token in (done.tokens.refresh_token, third.refresh_token):
        with pytest.raises(SessionEnded):
            await area.services.sessions.refresh(token, ANONYMOUS)

    assert area.account(done.user.id).sessions == ()


@pytest.mark.parametrize("token", ["", "x", "é.é.é", "a.b.\ud800", "a.b.c", "0" * 24 + ".s.secret"])
async def test_an_unknown_or_malformed_token_is_refused(area: UserArea, token: str) -> None:
    with pytest.raises(SessionEnded):
        await area.services.sessions.refresh(token, ANONYMOUS)

    assert len(area.failures()) == 1


async def test_a_logout_ends_one_session_and_is_idempotent(area: UserArea) -> None:
    here, there = await area.login(), await area.login()
    area.users.events.clear()

    for _ in range(2):
        await area.services.sessions.logout(here.user.id, claims(here).session_id, ANONYMOUS)

    with pytest.raises(SessionEnded):
        await area.services.sessions.require_session(claims(here))
    await area.services.sessions.require_session(claims(there))
    assert area.event_types() == ["audit"]


async def test_a_session_ends_with_its_lifetime(area: UserArea) -> None:
    done = await area.login()
    area.clock.advance((REFRESH_LIFETIME - timedelta(seconds=1)).total_seconds())
    await area.services.sessions.require_session(claims(done))
    area.clock.advance(1)

    with pytest.raises(SessionEnded):
        await area.services.sessions.require_session(claims(done))
    with pytest.raises(SessionEnded):
        await area.services.sessions.refresh(done.tokens.refresh_token, ANONYMOUS)


async def test_blocked_and_deleted_accounts_have_no_session(area: UserArea) -> None:
    blocked, deleted = await area.login("王芳"), await area.login("李雷")
    await area.users.save(blocked.user.with_status("blocked", "恶意下单"), ())
    await area.users.save(deleted.user.deleted(IdentityDigests(), NOW), ())

    with pytest.raises(UserBlocked):
        await area.services.sessions.require_session(claims(blocked))
    with pytest.raises(SessionEnded):
        await area.services.sessions.require_session(claims(deleted))
    with pytest.raises(UserBlocked):
        await area.services.sessions.refresh(blocked.tokens.refresh_token, ANONYMOUS)
    with pytest.raises(SessionEnded):
        await area.services.sessions.refresh(deleted.tokens.refresh_token, ANONYMOUS)
