"""Administration of users by staff: edit, block, delete, merge, reveal, login log."""

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.authority import Role, StaffAuthority
from domain.shared.paging import PageRequest
from domain.users.errors import AdministratorRequired, MergeRefused, UserNotFound, UserVersionConflict, WrongPassword
from domain.users.events import UserChanged, UserDeleted
from domain.users.identity_digests import IdentityDigester
from domain.users.profile_fields import ProfileFields
from domain.users.user_query import UserFilter, UserSort
from tests.domain.users.fakes import ADDRESS, ANONYMOUS, DIGEST_KEY, STAFF, UserArea

PHONE = "13800138000"


def authority(role: Role) -> StaffAuthority:
    return StaffAuthority(
        id=STAFF.id, username="staff", name=STAFF.name, role=role, permissions=frozenset(), session_id="s"
    )


ADMINISTRATOR = authority(Role.ADMIN)


class TestEditing:
    async def test_an_edit_is_audited_with_its_actor(self, area: UserArea) -> None:
        user = (await area.login("王芳")).user

        edited = await area.services.administration.update(
            user.id, ProfileFields(nickname="王小姐", province="广东省"), user.version, STAFF
        )

        assert (edited.nickname, edited.region.province) == ("王小姐", "广东")
        row = area.users.events_of(AuditRecorded)[-1]
        assert (row.actor, row.after["nickname"]) == (STAFF, "王小姐")
        assert [event.change for event in area.users.events_of(UserChanged)] == ["registered", "updated"]

    async def test_an_edit_of_an_outdated_version_is_refused_with_the_current_one(self, area: UserArea) -> None:
        user = (await area.login("王芳")).user
        first = await area.services.administration.update(user.id, ProfileFields(nickname="一"), user.version, STAFF)

        with pytest.raises(UserVersionConflict) as refused:
            await area.services.administration.update(user.id, ProfileFields(nickname="二"), user.version, STAFF)

        assert refused.value.details == {"version": first.version}
        assert area.account(user.id).nickname == "一"

    async def test_a_login_does_not_outdate_the_version_of_an_edit(self, area: UserArea) -> None:
        seen = (await area.login("王芳")).user.version
        user = (await area.login("王芳")).user

        edited = await area.services.administration.update(user.id, ProfileFields(nickname="小王"), seen, STAFF)

        assert edited.nickname == "小王"

    async def test_a_version_of_the_future_is_refused(self, area: UserArea) -> None:
        user = (await area.login("王芳")).user

        with pytest.raises(UserVersionConflict):
            await area.services.administration.update(user.id, ProfileFields(nickname="x"), user.version + 1, STAFF)

    async def test_unbinding_a_phone_is_idempotent(self, area: UserArea) -> None:
        user = (await area.register("王芳", number=PHONE)).user

        for _ in range(2):
            unbound = await area.services.administration.unbind_phone(user.id, "号码已被回收", STAFF)

        assert unbound.phone == ""
        assert [row.reason for row in area.users.events_of(AuditRecorded)][1:] == ["号码已被回收"]


class TestBlocking:
    async def test_blocking_ends_all_sessions_in_the_same_save(self, area: UserArea) -> None:
        await area.login("王芳")
        user = (await area.login("王芳")).user

        blocked = await area.services.administration.set_status(user.id, "blocked", "恶意下单", None, STAFF)

        assert (blocked.status, blocked.status_reason, blocked.sessions) == ("blocked", "恶意下单", ())
        assert blocked.version == user.version + 1
        assert area.users.events_of(AuditRecorded)[-1].reason == "恶意下单"

    async def test_unblocking_allows_logins_again(self, area: UserArea) -> None:
        user = (await area.login("王芳")).user
        await area.services.administration.set_status(user.id, "blocked", "恶意下单", None, STAFF)

        await area.services.administration.set_status(user.id, "active", "", None, STAFF)

        assert (await area.login("王芳")).user.id == user.id
        assert [event.change for event in area.users.events_of(UserChanged)] == ["registered", "blocked", "unblocked"]


class TestDeletion:
    async def test_a_deletion_leaves_digests_only_and_a_login_creates_a_new_account(self, area: UserArea) -> None:
        user = (await area.register("王芳", number=PHONE, username="wang_fang", password="correct horse")).user

        await area.services.administration.delete(user.id, "用户申请注销", STAFF)

        gone = area.account(user.id)
        digester = IdentityDigester(DIGEST_KEY)
        assert gone.remains == digester.digests_of(user)
        assert PHONE not in gone.model_dump_json()
        assert user.openid not in gone.model_dump_json()
        assert area.credentials.stored == {}
        with pytest.raises(UserNotFound):
            await area.services.administration.find(user.id)
        with pytest.raises(WrongPassword):
            await area.services.passwords.login("wang_fang", "correct horse", ANONYMOUS)
        back = await area.register("王芳", number=PHONE, username="wang_fang")
        assert back.is_new
        assert back.user.id != user.id

    async def test_a_deletion_is_counted_once_with_the_former_values(self, area: UserArea) -> None:
        user = (await area.register("王芳", number=PHONE)).user

        await area.services.administration.delete(user.id, "", STAFF)
        with pytest.raises(UserNotFound):
            await area.services.administration.delete(user.id, "", STAFF)

        [deleted] = area.users.events_of(UserDeleted)
        assert (deleted.has_phone, deleted.login_count) == (True, 1)


class TestMerging:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.OPERATOR])
    async def test_only_administrators_merge(self, area: UserArea, role: Role) -> None:
        one, other = (await area.login("王芳")).user, (await area.login("李雷")).user

        with pytest.raises(AdministratorRequired):
            await area.services.administration.merge(one.id, other.id, "同一客户", authority(role), STAFF)

    async def test_a_merge_into_itself_or_an_unknown_account_is_refused(self, area: UserArea) -> None:
        user = (await area.login("王芳")).user

        with pytest.raises(MergeRefused):
            await area.services.administration.merge(user.id, user.id, "x", ADMINISTRATOR, STAFF)
        with pytest.raises(UserNotFound):
            await area.services.administration.merge(user.id, "0" * 24, "x", ADMINISTRATOR, STAFF)

        assert area.accounts() == [user]

    async def test_the_merged_account_keeps_only_its_openids(self, area: UserArea) -> None:
        one = (await area.register("王芳", number=PHONE, username="wang_fang", password="correct horse")).user
        other = (await area.login("李雷")).user

        result = await area.services.administration.merge(one.id, other.id, "同一客户", ADMINISTRATOR, STAFF)

        merged = area.account(one.id)
        assert result == other
        assert (merged.merged_into, merged.is_gone, merged.sessions) == (other.id, True, ())
        assert (merged.phone, merged.username_key, merged.identities) == ("", "", one.identities)
        assert area.credentials.stored == {}
        assert area.event_types().count("user.deleted") == 1

    async def test_a_merge_is_audited_at_both_accounts(self, area: UserArea) -> None:
        one = (await area.register("王芳", number=PHONE, nickname="小王")).user
        other = (await area.login("李雷", nickname="大王")).user

        await area.services.administration.merge(one.id, other.id, "同一客户", ADMINISTRATOR, STAFF)

        of_one, of_other = area.users.events_of(AuditRecorded)[-2:]
        assert (of_one.target_id, of_other.target_id) == (one.id, other.id)
        assert {of_one.reason, of_other.reason} == {"同一客户"}
        assert of_other.after["mergedFrom"]["nickname"] == "小王"
        assert of_other.after["account"]["nickname"] == "大王"
        assert PHONE not in f"{of_one}{of_other}"

    async def test_a_merged_account_cannot_be_merged_again(self, area: UserArea) -> None:
        one, two, three = [(await area.login(person)).user for person in ("甲", "乙", "丙")]
        await area.services.administration.merge(one.id, two.id, "x", ADMINISTRATOR, STAFF)

        for source, target in ((one, three), (three, one)):
            with pytest.raises(UserNotFound):
                await area.services.administration.merge(source.id, target.id, "x", ADMINISTRATOR, STAFF)


class TestReading:
    async def test_a_reveal_is_audited_and_changes_nothing(self, area: UserArea) -> None:
        user = (await area.register("王芳", number=PHONE)).user

        revealed = await area.services.administration.reveal(user.id, ["phone", "openid"], "联系客户", STAFF)

        assert revealed == user
        [row] = area.audit.rows
        assert (row.target_id, row.after, row.reason) == (user.id, {"revealed": ["openid", "phone"]}, "联系客户")
        with pytest.raises(UserNotFound):
            await area.services.administration.reveal("0" * 24, ["phone"], "x", STAFF)
        assert len(area.audit.rows) == 1

    async def test_the_list_is_queried_at_the_present_time(self, area: UserArea) -> None:
        user = (await area.login("王芳", nickname="小王")).user
        area.clock.advance(31 * 86_400)
        administration = area.services.administration

        query = administration.query(UserFilter(status="inactive"), " 小王 ", UserSort.CREATED)
        page = await administration.page(query, PageRequest())

        assert (query.now, query.search) == (area.clock.now(), "小王")
        assert [each.id for each in page.list] == [user.id]

    async def test_the_login_log_of_a_user_has_failures_and_successes(self, area: UserArea) -> None:
        user = (await area.register("王芳", username="wang_fang", password="correct horse")).user
        await area.journal.follow(area.users.events)
        area.clock.advance(1)
        with pytest.raises(WrongPassword):
            await area.services.passwords.login("wang_fang", "wrong", ANONYMOUS)

        page = await area.services.administration.login_logs(user.id, PageRequest())

        assert [(each.method, each.result, each.address) for each in page.list] == [
            ("password", "failed", ADDRESS),
            ("openid", "success", ADDRESS),
        ]
        with pytest.raises(UserNotFound):
            await area.services.administration.login_logs("0" * 24, PageRequest())
