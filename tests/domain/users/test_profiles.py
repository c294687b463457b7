"""A user's own account: profile, phone, password."""

from collections.abc import Sequence

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.actor import Actor
from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.login_throttle import KNOWN_DEVICE, LoginDelayed
from domain.users.errors import (
    NotYourAccount,
    OldPasswordWrong,
    PasswordProofRequired,
    PhoneBound,
    PhoneCodeInvalid,
    PhoneCodeRequired,
    PhoneNotYours,
    UsernameFixed,
    UsernameRequired,
    UserNotFound,
)
from domain.users.identity import IdentityDigests
from domain.users.login.completion import LoggedIn
from domain.users.login.identity_verification import Claim
from domain.users.model import User
from domain.users.profile_fields import ProfileFields
from domain.users.profiles import OwnAccount
from tests.domain.users.builders import NOW
from tests.domain.users.fakes import ANONYMOUS, UserArea
from tests.domain.users.memory import MemoryUsers

PHONE, OTHER_PHONE = "13800138000", "13900139000"


def acting(user_id: str) -> Actor:
    return ANONYMOUS.model_copy(update={"id": user_id})


async def bind(area: UserArea, done: LoggedIn, person: str, number: str, confirm_rebind: bool = False) -> OwnAccount:
    claim = Claim(phone_code=area.wechat.phone_code(person, number))
    return await area.services.profiles.bind_phone(done.user.id, claim, confirm_rebind, acting(done.user.id))


class TestProfile:
    async def test_the_account_is_shown_with_its_role(self, area: UserArea) -> None:
        customer, staff, admin = [
            await area.register(person, number=number)
            for person, number in (("甲", "13800000001"), ("乙", "13800000002"), ("丙", "13800000003"))
        ]
        referrer = await area.login("丁")
        await area.users.save(referrer.user.model_copy(update={"role": "推荐官"}), ())
        area.staff.phones = {"13800000002", "13800000003"}
        area.staff.administrators = {"13800000003"}

        shown = [await area.services.profiles.info(each.user.id) for each in (customer, staff, admin, referrer)]

        assert [account.role for account in shown] == ["customer", "staff", "admin", "推荐官"]

    async def test_an_openid_in_the_request_must_belong_to_the_account(self, area: UserArea) -> None:
        done, other = await area.login("王芳"), await area.login("李雷")
        profiles = area.services.profiles

        assert (await profiles.info(done.user.id, done.user.openid)).user == done.user
        with pytest.raises(NotYourAccount):
            await profiles.info(done.user.id, other.user.openid)
        with pytest.raises(NotYourAccount):
            await profiles.update(
                done.user.id, ProfileFields(nickname="x"), Claim(openid=other.user.openid), acting(done.user.id)
            )

    async def test_an_update_sets_fields_removes_empty_ones_and_is_audited(self, area: UserArea) -> None:
        done = await area.login("王芳", nickname="小王", province="广东省", city="深圳市")
        area.users.events.clear()

        account = await area.services.profiles.update(
            done.user.id, ProfileFields(nickname="王小姐", province=None, city=None), Claim(), acting(done.user.id)
        )

        assert (account.user.nickname, account.user.city, account.user.region.province) == ("王小姐", "", "")
        assert area.event_types() == ["user.region_changed", "user.changed", "audit"]
        [row] = area.users.events_of(AuditRecorded)
        assert (row.after["nickname"], row.before["city"]) == ("王小姐", "深圳")

    async def test_an_update_that_changes_nothing_saves_nothing(self, area: UserArea) -> None:
        done = await area.login("王芳", nickname="小王")
        area.users.events.clear()

        await area.services.profiles.update(done.user.id, ProfileFields(nickname="小王"), Claim(), acting(done.user.id))

        assert (area.users.events, area.accounts()) == ([], [done.user])

    async def test_a_bare_phone_in_an_update_is_ignored(self, area: UserArea) -> None:
        done = await area.login("王芳")

        account = await area.services.profiles.update(
            done.user.id, ProfileFields(), Claim(phone=PHONE), acting(done.user.id)
        )

        assert not account.user.has_phone

    async def test_a_deleted_account_has_no_profile(self, area: UserArea) -> None:
        done = await area.login("王芳")
        await area.users.save(done.user.deleted(IdentityDigests(), NOW), ())

        with pytest.raises(UserNotFound):
            await area.services.profiles.info(done.user.id)


class CompetingUsers(MemoryUsers):
    """Another account binds the phone right after it was taken from its former owner."""

    competitor: User | None = None

    async def save(self, entity: User, events: Sequence[DomainEvent]) -> User:
        saved = await super().save(entity, events)
        if entity.phone_lost_at and self.competitor is not None:
            competitor, self.competitor = self.competitor, None
            await super().save(competitor.with_phone(PHONE, True, NOW), ())
        return saved


class TestPhone:
    async def test_a_phone_is_bound_and_unbound(self, area: UserArea) -> None:
        done = await area.login("王芳")

        bound = await bind(area, done, "王芳", PHONE)
        unbound = [await area.services.profiles.unbind_phone(done.user.id, acting(done.user.id)) for _ in range(2)]

        assert (bound.user.phone, bound.user.phone_verified_at) == (PHONE, area.clock.now())
        assert [account.user.phone for account in unbound] == ["", ""]
        assert area.event_types().count("user.phone_changed") == 2

    async def test_binding_needs_a_phone_code_of_the_same_person(self, area: UserArea) -> None:
        done = await area.login("王芳")
        profiles, actor = area.services.profiles, acting(done.user.id)

        with pytest.raises(PhoneCodeRequired):
            await profiles.bind_phone(done.user.id, Claim(phone=PHONE), False, actor)
        with pytest.raises(PhoneCodeInvalid):
            await profiles.bind_phone(
                done.user.id, Claim(phone_code=area.wechat.phone_code("李雷", PHONE)), False, actor
            )

        assert area.accounts() == [done.user]

    async def test_a_phone_of_another_account_needs_a_confirmation(self, area: UserArea) -> None:
        owner = await area.register("王芳", number=PHONE, nickname="小王", username="wang_fang")
        done = await area.login("李雷")

        with pytest.raises(PhoneBound):
            await bind(area, done, "李雷", PHONE)
        rebound = await bind(area, done, "李雷", PHONE, confirm_rebind=True)

        assert rebound.user.phone == PHONE
        former = area.account(owner.user.id)
        assert (former.phone, former.phone_lost_at) == ("", area.clock.now())
        assert (former.nickname, former.username, former.login_count) == ("小王", "wang_fang", 1)
        assert "miniprogram-user.phone-lost" in area.audit_actions()

    async def test_an_unverified_phone_is_never_taken_from_another_account(self) -> None:
        area = UserArea(accept_unverified=True)
        owner = await area.register("王芳", number=PHONE)
        done = await area.login("李雷")

        with pytest.raises(PhoneBound):
            await area.services.profiles.bind_phone(done.user.id, Claim(phone=PHONE), True, acting(done.user.id))

        assert area.account(owner.user.id).phone == PHONE

    async def test_a_crash_between_the_two_writes_leaves_the_phone_unbound_until_repeated(self, area: UserArea) -> None:
        owner, done = await area.register("王芳", number=PHONE), await area.login("李雷")
        area.users.saves_until_failure = 1

        with pytest.raises(Unavailable):
            await bind(area, done, "李雷", PHONE, confirm_rebind=True)
        after_crash = [area.account(each.user.id).phone for each in (owner, done)]
        repeated = await bind(area, done, "李雷", PHONE, confirm_rebind=True)

        assert after_crash == ["", ""]
        assert repeated.user.phone == PHONE

    async def test_a_phone_that_a_third_account_binds_in_between_is_taken_again(self) -> None:
        users = CompetingUsers()
        area = UserArea(users=users)
        await area.register("王芳", number=PHONE)
        done, third = await area.login("李雷"), await area.login("韩梅梅")
        users.competitor = third.user

        rebound = await bind(area, done, "李雷", PHONE, confirm_rebind=True)

        assert rebound.user.phone == PHONE
        assert area.account(third.user.id).phone == ""
        assert area.audit_actions().count("miniprogram-user.phone-lost") == 2


class TestPassword:
    async def set_password(
        self, area: UserArea, done: LoggedIn, password: str, old: str = "", claim: Claim | None = None, name: str = ""
    ) -> None:
        await area.services.profiles.set_password(
            user_id=done.user.id,
            session_id=done.user.sessions[-1].id,
            new_password=password,
            old_password=old,
            claim=claim or Claim(),
            username=name,
            actor=acting(done.user.id),
        )

    async def test_a_first_password_needs_an_account_name_and_ends_other_sessions(self, area: UserArea) -> None:
        other_device, done = await area.login("王芳"), await area.login("王芳")

        with pytest.raises(UsernameRequired):
            await self.set_password(area, done, "correct horse")
        await self.set_password(area, done, "correct horse", name="wang_fang")

        account = area.account(done.user.id)
        assert account.username == "wang_fang"
        assert [session.id for session in account.sessions] == [done.user.sessions[-1].id]
        assert other_device.user.sessions[-1] not in account.sessions
        assert area.credentials.stored == {done.user.id: "hash of correct horse"}

    async def test_a_taken_or_another_account_name_is_refused(self, area: UserArea) -> None:
        await area.register("王芳", username="wang_fang")
        named = await area.register("李雷", username="li_lei")
        unnamed = await area.login("韩梅梅")

        with pytest.raises(UsernameFixed):
            await self.set_password(area, named, "correct horse", name="another")
        with pytest.raises(UsernameTaken):
            await self.set_password(area, unnamed, "correct horse", name="Wang_Fang")

        assert area.credentials.stored == {}

    async def test_a_change_needs_the_old_password_or_the_bound_phone(self, area: UserArea) -> None:
        done = await area.register("王芳", number=PHONE, username="wang_fang", password="first")

        def phone_claim(number: str) -> Claim:
            return Claim(phone_code=area.wechat.phone_code("王芳", number))

        with pytest.raises(PasswordProofRequired):
            await self.set_password(area, done, "x")
        with pytest.raises(OldPasswordWrong):
            await self.set_password(area, done, "x", old="wrong")
        with pytest.raises(PhoneNotYours):
            await self.set_password(area, done, "x", claim=phone_claim(OTHER_PHONE))
        assert area.credentials.stored == {done.user.id: "hash of first"}

        await self.set_password(area, done, "second", old="first")
        assert area.credentials.stored == {done.user.id: "hash of second"}
        await self.set_password(area, done, "third", claim=phone_claim(PHONE))
        assert area.credentials.stored == {done.user.id: "hash of third"}

    async def test_guessing_the_old_password_is_throttled(self, area: UserArea) -> None:
        done = await area.register("王芳", username="wang_fang", password="first")

        for _ in range(KNOWN_DEVICE.free):
            with pytest.raises(OldPasswordWrong):
                await self.set_password(area, done, "x", old="wrong")
        with pytest.raises(LoginDelayed):
            await self.set_password(area, done, "x", old="first")

    async def test_a_crash_leaves_the_old_password_and_no_other_session(self, area: UserArea) -> None:
        other_device = await area.register("王芳", username="wang_fang", password="first")
        done = await area.login("王芳")
        area.users.saves_until_failure = 0

        with pytest.raises(Unavailable):
            await self.set_password(area, done, "second", old="first")

        assert area.credentials.stored == {done.user.id: "hash of first"}
        assert other_device.user.sessions[-1] in area.account(done.user.id).sessions
