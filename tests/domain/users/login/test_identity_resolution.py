"""Identities that meet: other apps, changed unionids, conflicts, merged accounts."""

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.authority import Role, StaffAuthority
from domain.users.errors import IdentityConflict
from domain.users.login.completion import LoggedIn
from domain.users.profile_fields import ProfileFields
from tests.domain.users.builders import APP_ID
from tests.domain.users.fakes import ANONYMOUS, STAFF, FakeWeChat, UserArea

NO_PROFILE = ProfileFields()
ADMINISTRATOR = StaffAuthority(
    id=STAFF.id, username="admin", name=STAFF.name, role=Role.ADMIN, permissions=frozenset("*"), session_id="s"
)


async def login_in(area: UserArea, app: FakeWeChat, person: str = "王芳") -> LoggedIn:
    """The login of a person in the mini-program `app`."""
    area.wechat, own = app, area.wechat
    try:
        return await area.another_process(app).logins.login(area.claim(person), NO_PROFILE, ANONYMOUS)
    finally:
        area.wechat = own


async def merge(area: UserArea, one: LoggedIn, into: LoggedIn) -> None:
    await area.services.administration.merge(one.user.id, into.user.id, "同一客户", ADMINISTRATOR, STAFF)


async def test_the_unionid_links_the_openid_of_another_app(area: UserArea) -> None:
    first = await area.login("王芳")

    second = await login_in(area, FakeWeChat("wx2"))
    third = await login_in(area, FakeWeChat("wx2"))

    assert (second.is_new, second.user.id, third.user.login_count) == (False, first.user.id, 3)
    assert [identity.key for identity in third.user.identities] == ["wx1:王芳-in-wx1", "wx2:王芳-in-wx2"]
    assert {identity.unionid for identity in third.user.identities} == {"u-王芳"}
    assert area.audit_actions().count("miniprogram-user.identity-linked") == 1


async def test_an_app_without_unionid_has_accounts_of_its_own(area: UserArea) -> None:
    first = await area.login("王芳")

    second = await login_in(area, FakeWeChat("wx2", platform=""))

    assert (second.is_new, second.user.unionid) == (True, "")
    assert second.user.id != first.user.id


async def test_a_unionid_that_appears_later_is_stored(area: UserArea) -> None:
    first = await login_in(area, FakeWeChat(APP_ID, platform=""))

    second = await area.login("王芳")

    assert (first.user.unionid, second.user.unionid) == ("", "u-王芳")
    assert second.user.id == first.user.id
    assert "miniprogram-user.unionid-changed" not in area.audit_actions()


async def test_a_changed_unionid_is_updated_and_audited(area: UserArea) -> None:
    first = await area.login("王芳")

    second = await login_in(area, FakeWeChat(APP_ID, platform="another"))

    assert (second.user.id, second.user.unionid) == (first.user.id, "another-王芳")
    [row] = [row for row in area.users.events_of(AuditRecorded) if row.reason]
    assert (row.action, row.reason) == ("miniprogram-user.unionid-changed", "UNIONID_CHANGED")


async def test_a_unionid_of_another_account_is_a_conflict_flagged_once(area: UserArea) -> None:
    one = await login_in(area, FakeWeChat("wx2", platform=""))
    other = await area.login("王芳")

    for _ in range(2):
        with pytest.raises(IdentityConflict):
            await login_in(area, FakeWeChat("wx2"))

    assert area.account(one.user.id).needs_review
    assert area.account(one.user.id).login_count == 1
    assert area.account(other.user.id) == other.user
    assert area.audit_actions().count("miniprogram-user.identity-conflict") == 1
    assert [(each.user_id, each.reason) for each in area.failures()] == [(one.user.id, "IDENTITY_CONFLICT")] * 2


async def test_a_merged_account_leads_to_the_other_one(area: UserArea) -> None:
    one, other = await area.login("王芳"), await area.login("李雷")
    await merge(area, one, other)

    done = await area.login("王芳", nickname="小王")

    assert (done.is_new, done.user.id, done.user.nickname) == (False, other.user.id, "小王")
    assert [identity.openid for identity in done.user.identities] == [area.wechat.open_id("李雷")]
    assert area.account(one.user.id).has_open_id(area.wechat.open_id("王芳"))


async def test_merges_in_a_row_are_followed(area: UserArea) -> None:
    one, two, three = await area.login("甲"), await area.login("乙"), await area.login("丙")
    await merge(area, one, two)
    await merge(area, two, three)

    assert (await area.login("甲")).user.id == three.user.id


async def test_a_merged_conflict_is_resolved(area: UserArea) -> None:
    one = await login_in(area, FakeWeChat("wx2", platform=""))
    other = await area.login("王芳")
    with pytest.raises(IdentityConflict):
        await login_in(area, FakeWeChat("wx2"))
    await merge(area, one, other)

    assert (await login_in(area, FakeWeChat("wx2"))).user.id == other.user.id


async def test_the_unionid_of_a_merged_account_leads_to_the_other_one(area: UserArea) -> None:
    one = await login_in(area, FakeWeChat("wx2", platform=""))
    other = await area.login("王芳")
    with pytest.raises(IdentityConflict):
        await login_in(area, FakeWeChat("wx2"))
    await merge(area, other, one)

    logged_in = [await login_in(area, FakeWeChat(app)) for app in ("wx1", "wx2", "wx3")]

    assert {done.user.id for done in logged_in} == {one.user.id}


async def test_deleting_the_target_of_a_merge_releases_the_openid(area: UserArea) -> None:
    one, other = await area.login("王芳"), await area.login("李雷")
    await merge(area, one, other)
    await area.services.administration.delete(other.user.id, "用户申请注销", STAFF)

    done = await area.login("王芳")

    assert done.is_new
    assert done.user.id not in (one.user.id, other.user.id)
    assert area.account(one.user.id).identities == ()
