"""Registration and login by WeChat identity."""

import asyncio

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Unavailable
from domain.shared.places.region import Region
from domain.users.errors import (
    PhoneBound,
    UserBlocked,
    UsernameFixed,
    UserNotRegistered,
    WxCodeInvalid,
    WxCodeRequired,
)
from domain.users.events import UserActive, UserChanged
from domain.users.login.identity_verification import Claim
from domain.users.login.service import SignUp
from domain.users.profile_fields import ProfileFields
from tests.domain.users.builders import APP_ID
from tests.domain.users.fakes import ADDRESS, ANONYMOUS, UserArea

PHONE, OTHER_PHONE = "13800138000", "13900139000"
NO_PROFILE = ProfileFields()


async def test_the_first_login_creates_the_account_with_its_events(area: UserArea) -> None:
    done = await area.login("王芳", nickname="小王")

    assert done.is_new
    assert (done.user.nickname, done.user.login_count, done.user.openid) == ("小王", 1, area.wechat.open_id("王芳"))
    assert area.account(done.user.id) == done.user
    assert area.event_types() == ["user.active", "user.changed", "audit"]
    [active], [changed] = area.users.events_of(UserActive), area.users.events_of(UserChanged)
    assert (active.is_new, active.method, active.app_id, active.address) == (True, "openid", APP_ID, ADDRESS)
    assert (changed.change, changed.version) == ("registered", 1)
    [row] = area.users.events_of(AuditRecorded)
    assert (row.action, row.actor.id, row.target_id) == ("miniprogram-user.register", done.user.id, done.user.id)


async def test_the_second_login_finds_the_account_and_counts_without_a_change(area: UserArea) -> None:
    first = await area.login("王芳")
    area.clock.advance(60)
    area.users.events.clear()

    second = await area.login("王芳")

    assert (second.is_new, second.user.id, second.user.login_count) == (False, first.user.id, 2)
    assert len(second.user.sessions) == 2
    assert second.user.edited_version == first.user.edited_version
    [active] = area.users.events
    assert isinstance(active, UserActive)
    assert (active.previous_login_count, active.previous_active_at) == (1, first.user.last_login_at)


async def test_a_login_fills_empty_fields_and_a_registration_replaces_them(area: UserArea) -> None:
    await area.login("王芳", nickname="小王")

    logged_in = await area.login("王芳", nickname="别名", gender=2)
    registered = await area.register("王芳", nickname="王小姐", gender=1)

    assert (logged_in.user.nickname, logged_in.user.gender) == ("小王", 2)
    assert (registered.is_new, registered.user.nickname, registered.user.gender) == (False, "王小姐", 1)


@pytest.mark.parametrize(
    ("claim", "failure", "method"),
    [
        (Claim(), WxCodeRequired, "phone"),
        (Claim(openid="o1", phone=PHONE), WxCodeRequired, "openid"),
        (Claim(phone=PHONE), WxCodeRequired, "phone"),
        (Claim(code="made-up"), WxCodeInvalid, "openid"),
    ],
)
async def test_a_claim_that_proves_nothing_is_refused_and_recorded(
    area: UserArea, claim: Claim, failure: type[Exception], method: str
) -> None:
    with pytest.raises(failure):
        await area.services.logins.login(claim, NO_PROFILE, ANONYMOUS)

    [record] = area.failures()
    assert (record.method, record.result, record.address) == (method, "failed", ADDRESS)
    assert record.reason == failure.code  # type: ignore[attr-defined]  # a DomainError
    assert area.accounts() == []


async def test_a_bare_phone_beside_a_code_is_ignored(area: UserArea) -> None:
    owner = await area.register("王芳", number=PHONE)
    claim = Claim(code=area.wechat.login_code("李雷"), phone=PHONE)

    done = await area.services.logins.login(claim, NO_PROFILE, ANONYMOUS)

    assert done.user.id != owner.user.id
    assert not done.user.has_phone


@pytest.mark.parametrize("from_machine", [True, False], ids=["from a machine", "in development"])
async def test_a_trusted_caller_may_send_bare_openids_and_phones(from_machine: bool) -> None:
    area = UserArea(accept_unverified=not from_machine)
    logins = area.services.logins

    first = await logins.login(Claim(openid="o1", phone=PHONE), NO_PROFILE, ANONYMOUS, from_machine)
    by_phone = await logins.login(Claim(phone=PHONE), NO_PROFILE, ANONYMOUS, from_machine)

    assert (first.is_new, first.user.phone) == (True, PHONE)
    assert (first.user.phone_verified_at is not None) is from_machine
    assert (by_phone.is_new, by_phone.user.id) == (False, first.user.id)
    assert [event.method for event in area.users.events_of(UserActive)] == ["openid", "phone"]
    with pytest.raises(UserNotRegistered):
        await logins.login(Claim(phone=OTHER_PHONE), NO_PROFILE, ANONYMOUS, from_machine)


class TestPhones:
    async def test_a_new_openid_cannot_take_the_phone_of_another_account(self, area: UserArea) -> None:
        owner = await area.register("王芳", number=PHONE)

        for attempt in (area.register, area.login):
            with pytest.raises(PhoneBound) as refused:
                await attempt("李雷", number=PHONE)
            assert PHONE not in str(refused.value.details)

        assert area.accounts() == [owner.user]
        assert [record.reason for record in area.failures()] == ["PHONE_BOUND"] * 2

    async def test_a_known_account_cannot_take_the_phone_of_another_account(self, area: UserArea) -> None:
        owner = await area.register("王芳", number=PHONE)
        without = await area.login("李雷")
        with_another = await area.register("韩梅梅", number=OTHER_PHONE)

        for person in ("李雷", "韩梅梅"):
            for attempt in (area.register, area.login):
                with pytest.raises(PhoneBound):
                    await attempt(person, number=PHONE)

        assert {account.id: account.phone for account in area.accounts()} == {
            owner.user.id: PHONE,
            without.user.id: "",
            with_another.user.id: OTHER_PHONE,
        }
        assert [record.user_id for record in area.failures()] == [without.user.id] * 2 + [with_another.user.id] * 2

    async def test_a_login_keeps_a_bound_phone_and_a_registration_replaces_it(self, area: UserArea) -> None:
        await area.register("王芳", number=PHONE)

        logged_in = await area.login("王芳", number=OTHER_PHONE)
        registered = await area.register("王芳", number=OTHER_PHONE)

        assert (logged_in.user.phone, registered.user.phone) == (PHONE, OTHER_PHONE)

    async def test_only_a_verified_phone_makes_a_user_staff(self) -> None:
        area = UserArea(accept_unverified=True)
        area.staff.phones = {PHONE}

        claimed = await area.services.logins.login(Claim(openid="o1", phone=PHONE), NO_PROFILE, ANONYMOUS)
        verified = await area.services.logins.login(
            Claim(openid="o1", phone=PHONE), NO_PROFILE, ANONYMOUS, from_machine=True
        )

        assert (claimed.is_staff, verified.is_staff) == (False, True)


class TestAccountNamesAndPasswords:
    async def test_a_registration_sets_account_name_and_password(self, area: UserArea) -> None:
        done = await area.register("王芳", username="Wang_Fang", password="correct horse")

        assert (done.user.username, done.user.username_key) == ("Wang_Fang", "wang_fang")
        assert area.credentials.stored == {done.user.id: "hash of correct horse"}

    async def test_a_taken_account_name_is_refused_without_leaving_a_password(self, area: UserArea) -> None:
        owner = await area.register("王芳", username="wang_fang")

        with pytest.raises(UsernameTaken):
            await area.register("李雷", username="Wang_Fang", password="correct horse")

        assert area.accounts() == [owner.user]
        assert area.credentials.stored == {}

    async def test_an_account_name_cannot_be_changed(self, area: UserArea) -> None:
        await area.register("王芳", username="wang_fang")

        repeated = await area.register("王芳", username="WANG_FANG")
        with pytest.raises(UsernameFixed):
            await area.register("王芳", username="another")

        assert repeated.user.username == "wang_fang"

    async def test_registering_again_sets_a_missing_password_but_never_replaces_one(self, area: UserArea) -> None:
        done = await area.login("王芳")

        await area.register("王芳", password="correct horse")
        await area.register("王芳", password="another one")

        assert area.credentials.stored == {done.user.id: "hash of correct horse"}

    async def test_an_unverified_identity_cannot_set_the_password_of_a_known_account(self) -> None:
        area = UserArea(accept_unverified=True)
        victim = await area.register("王芳", username="wang_fang")

        await area.services.logins.register(
            Claim(openid=victim.user.openid), NO_PROFILE, SignUp(password="attackers choice"), ANONYMOUS
        )

        assert area.credentials.stored == {}


async def test_a_blocked_user_is_refused_before_anything_changes(area: UserArea) -> None:
    done = await area.login("王芳")
    blocked = await area.users.save(done.user.with_status("blocked", "恶意下单"), ())

    for attempt in (area.login, area.register):
        with pytest.raises(UserBlocked):
            await attempt("王芳", nickname="别名")

    assert area.accounts() == [blocked]
    assert [(record.user_id, record.reason) for record in area.failures()] == [(blocked.id, "USER_BLOCKED")] * 2


async def test_the_address_gives_the_region_until_the_profile_names_one(area: UserArea) -> None:
    area.regions.by_address = {ADDRESS: Region(province="江苏", city="南京")}

    by_address = await area.login("王芳")
    by_profile = await area.login("王芳", province="广东省", city="深圳市")

    assert (by_address.user.region, by_address.user.region_source) == (Region(province="江苏", city="南京"), "ip")
    assert (by_profile.user.region, by_profile.user.region_source) == (Region(province="广东", city="深圳"), "profile")
    assert area.event_types().count("user.region_changed") == 1
    regions = [event.login_region.province for event in area.users.events_of(UserActive)]
    assert regions == ["江苏", "江苏"]


async def test_a_failing_store_is_reported_and_not_recorded_as_a_failed_login(area: UserArea) -> None:
    area.users.saves_until_failure = 0

    with pytest.raises(Unavailable):
        await area.login("王芳")

    assert area.failures() == []
    assert (await area.login("王芳")).is_new


async def test_concurrent_first_logins_on_two_processes_create_one_account(area: UserArea) -> None:
    processes = (area.services, area.another_process())

    done = await asyncio.gather(
        *(
            process.logins.register(area.claim("王芳", PHONE), NO_PROFILE, SignUp(username="wang_fang"), ANONYMOUS)
            for process in processes
            for _ in range(10)
        )
    )

    [account] = area.accounts()
    assert [each.is_new for each in done].count(True) == 1
    assert {each.user.id for each in done} == {account.id}
    assert account.login_count == len(area.users.events_of(UserActive)) == 20
    assert area.failures() == []
