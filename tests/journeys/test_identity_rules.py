"""The fifteen rules for conflicts of openid, unionid, phone and account name.

The numbers are those of docs/identity-rules.md.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Protocol

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.actor import Actor
from domain.shared.authority import Role
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.users.login.identity_verification import Claim
from domain.users.model import User
from domain.users.services import user_services
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram
from integrations.mongo.users.users import MongoUserRepository
from tests.user_api import UserApi, user_api

CUSTOMER_APP = SIM_PROGRAM
WORKER_APP = MiniProgram("wxsim0000000000002", "another-secret", SIM_PROGRAM.open_platform)
OTHER_PLATFORM = MiniProgram(SIM_PROGRAM.app_id, SIM_PROGRAM.secret, "another-platform")
"""The same app in another open-platform account: the same openids, other unionids."""

PHONE = "13800138000"


class Start(Protocol):
    def __call__(self, **options: Any) -> AbstractAsyncContextManager[UserApi]: ...


@pytest.fixture
def start(mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> Start:
    """Starts another app process on the same stores."""
    return lambda **options: user_api(mongodb_uri, redis_url, database.name, **options)


@pytest.fixture
async def app(start: Start) -> AsyncIterator[UserApi]:
    async with start() as running:
        yield running


async def test_rule_1_a_new_openid_never_takes_over_the_account_that_owns_the_phone(app: UserApi) -> None:
    owner = await app.register("王芳", PHONE)

    answer = await app.register("李雷", PHONE)

    assert (answer.status, answer.code) == (409, "PHONE_BOUND")
    assert PHONE not in str(answer.body)
    stored = await app.user(owner.data["id"])
    assert (stored.openid, stored.login_count) == (owner.data["openid"], 1)
    assert await app.collection.count_documents({}) == 1


async def test_rule_2_an_account_cannot_take_the_phone_of_another_account(app: UserApi, start: Start) -> None:
    await app.register("王芳", PHONE)
    without = await app.login("李雷")
    other_phone = await app.register("韩梅梅", "13900139000")

    refused = [
        await app.register("李雷", PHONE),
        await app.bind(without.data["accessToken"], "李雷", PHONE),
        await app.bind(other_phone.data["accessToken"], "韩梅梅", PHONE),
        await app.register("韩梅梅", PHONE),
        await app.login("韩梅梅", phoneCode=await app.phone.phone_code("韩梅梅", PHONE)),
    ]
    async with start(accept_unverified=True) as trusting:
        refused.append(await trusting.call("POST", "/login", {"openid": without.data["openid"], "phone": PHONE}))

    assert {(answer.status, answer.code) for answer in refused} == {(409, "PHONE_BOUND")}
    assert not any(PHONE in str(answer.body) for answer in refused)
    assert (await app.user(other_phone.data["id"])).phone == "13900139000"


async def test_rule_3_a_bare_phone_never_logs_in_to_the_account_of_its_owner(app: UserApi, start: Start) -> None:
    owner = await app.register("王芳", PHONE)

    unverified = await app.login("李雷", phone=PHONE)
    verified = await app.login("韩梅梅", phoneCode=await app.phone.phone_code("韩梅梅", PHONE))
    async with start(accept_unverified=True) as trusting:
        trusted = await trusting.call("POST", "/login", {"openid": "oNew", "phone": PHONE})

    assert (unverified.status, unverified.data["hasPhone"]) == (201, False)
    assert unverified.data["id"] != owner.data["id"]
    assert (verified.status, verified.code) == (409, "PHONE_BOUND")
    assert (trusted.status, trusted.code) == (409, "PHONE_BOUND")


async def test_rule_4_the_same_person_has_one_account_in_two_apps(app: UserApi, start: Start) -> None:
    first = await app.login("王芳")

    async with start(program=WORKER_APP) as worker_app:
        second = await worker_app.login("王芳")
        again = await worker_app.login("王芳")

    assert second.data["id"] == first.data["id"]
    assert (second.status, second.data["isNewUser"], again.data["loginCount"]) == (200, False, 3)
    identities = (await app.user(first.data["id"])).identities
    assert [identity.appid for identity in identities] == [CUSTOMER_APP.app_id, WORKER_APP.app_id]
    assert len({identity.openid for identity in identities}) == 2
    assert len({identity.unionid for identity in identities}) == 1


async def test_rule_4_a_unionid_sent_by_a_client_is_ignored(app: UserApi, start: Start) -> None:
    owner = await app.login("王芳")
    unionid = (await app.user(owner.data["id"])).unionid

    answer = await app.register("李雷", unionid=unionid)

    assert answer.data["id"] != owner.data["id"]
    assert answer.data["unionid"] != unionid


async def test_rule_5_a_changed_unionid_is_updated_and_audited(app: UserApi, start: Start) -> None:
    before = await app.login("王芳")

    async with start(program=OTHER_PLATFORM) as moved:
        after = await moved.login("王芳")

    assert after.data["id"] == before.data["id"]
    assert after.data["openid"] == before.data["openid"]
    assert after.data["unionid"] != before.data["unionid"]
    assert "UNIONID_CHANGED" in [event.get("reason") for event in await app.told()]


async def test_rule_5_a_unionid_that_appears_later_is_stored(app: UserApi, start: Start) -> None:
    unbound = MiniProgram(SIM_PROGRAM.app_id, SIM_PROGRAM.secret)
    async with start(program=unbound) as early:
        first = await early.login("王芳")

    later = await app.login("王芳")

    assert first.data["unionid"] is None
    assert later.data["unionid"]
    assert later.data["id"] == first.data["id"]


async def test_rule_5_a_unionid_of_another_account_is_a_conflict_that_staff_review(app: UserApi, start: Start) -> None:
    async with start(program=MiniProgram(WORKER_APP.app_id, WORKER_APP.secret)) as unbound:
        one = await unbound.login("王芳")  # no unionid yet
    other = await app.login("王芳")  # its unionid

    async with start(program=WORKER_APP) as worker_app:
        refused = [await worker_app.login("王芳") for _ in range(2)]

    assert {(answer.status, answer.code) for answer in refused} == {(409, "IDENTITY_CONFLICT")}
    assert other.data["id"] != one.data["id"]
    token = await app.staff_token()
    queue = await app.call("GET", "", token=token, query={"needsReview": "true"})
    assert [user["id"] for user in queue.data["list"]] == [one.data["id"]]
    assert [event.get("reason") for event in await app.told()].count("IDENTITY_CONFLICT") == 1


async def test_rule_6_an_account_name_is_unique_and_set_once(app: UserApi) -> None:
    mine = await app.register("王芳", username="wang_fang")

    taken = await app.register("李雷", username="Wang_Fang")
    token = (await app.login("李雷")).data["accessToken"]
    taken_later = await app.call("POST", "/password", {"newPassword": "correct horse", "username": "WANG_FANG"}, token)
    changed = await app.register("王芳", username="another_name")
    repeated = await app.register("王芳", username="wang_fang")

    assert (taken.status, taken.code) == (409, "USERNAME_TAKEN")
    assert (taken_later.status, taken_later.code) == (409, "USERNAME_TAKEN")
    assert (changed.status, changed.code) == (409, "USERNAME_FIXED")
    assert repeated.status == 200
    assert (await app.user(mine.data["id"])).username == "wang_fang"


async def test_rule_7_a_rebind_moves_the_phone_only(app: UserApi) -> None:
    old = await app.register("王芳", PHONE, nickname="小王", username="wang_fang")
    new = await app.login("李雷")

    unconfirmed = await app.bind(new.data["accessToken"], "李雷", PHONE)
    confirmed = await app.bind(new.data["accessToken"], "李雷", PHONE, confirmRebind=True)

    assert (unconfirmed.status, unconfirmed.code) == (409, "PHONE_BOUND")
    assert (confirmed.status, confirmed.data["phone"]) == (200, PHONE)
    former = await app.user(old.data["id"])
    assert (former.phone, former.nickname, former.username, former.login_count) == ("", "小王", "wang_fang", 1)
    assert former.phone_lost_at is not None
    assert confirmed.data["nickname"] is None
    actions = [event["action"] for event in await app.told() if event["type"] == "audit"]
    assert {"miniprogram-user.phone-lost", "miniprogram-user.bind-phone"} <= set(actions)


async def test_rule_7_a_rebind_without_a_fresh_code_is_refused(app: UserApi, start: Start) -> None:
    await app.register("王芳", PHONE)
    async with start(accept_unverified=True) as trusting:
        new = await trusting.login("李雷")
        answer = await trusting.call(
            "POST", "/phone/bind", {"phone": PHONE, "confirmRebind": True}, new.data["accessToken"]
        )

    assert (answer.status, answer.code) == (409, "PHONE_BOUND")


async def test_rule_8_only_the_account_itself_sets_its_password(app: UserApi, start: Start) -> None:
    victim = await app.register("王芳", username="wang_fang")

    async with start(accept_unverified=True) as trusting:
        by_openid = await trusting.call(
            "POST", "/register", {"openid": victim.data["openid"], "password": "attackers choice"}
        )
    without_session = await app.call("POST", "/password", {"newPassword": "attackers choice"})

    assert by_openid.status == 200  # a login, which sets no password
    assert without_session.status == 401
    credentials = {"username": "wang_fang", "password": "attackers choice"}
    assert (await app.call("POST", "/login-with-password", credentials)).code == "BAD_CREDENTIALS"


async def test_rule_8_registering_again_never_changes_a_password(app: UserApi) -> None:
    await app.register("王芳", username="wang_fang", password="correct horse")
    session = await app.login("王芳")

    await app.register("王芳", username="wang_fang", password="something else")

    for password, status in (("something else", 401), ("correct horse", 200)):
        credentials = {"username": "wang_fang", "password": password}
        assert (await app.call("POST", "/login-with-password", credentials)).status == status
    changed = await app.call(
        "POST",
        "/password",
        {"newPassword": "battery staple", "oldPassword": "correct horse"},
        session.data["accessToken"],
    )
    assert changed.status == 200
    assert len((await app.user(session.data["id"])).sessions) == 1


async def test_rule_9_concurrent_first_logins_on_two_processes_create_one_account(app: UserApi, start: Start) -> None:
    async with start() as other:
        codes = [(process, await process.phone.login_code("王芳")) for process in (app, other) for _ in range(25)]
        phones = [await process.phone.phone_code("王芳", PHONE) for process, _ in codes]

        answers = await asyncio.gather(
            *(
                process.call("POST", "/register", {"code": code, "phoneCode": phone})
                for (process, code), phone in zip(codes, phones, strict=True)
            )
        )

    assert {answer.status for answer in answers} <= {200, 201}
    assert [answer.data["isNewUser"] for answer in answers].count(True) == 1
    assert (await app.collection.find_one({}))["loginCount"] == 50
    assert await app.collection.count_documents({}) == 1


async def test_rule_10_empty_values_never_collide(app: UserApi) -> None:
    answers = [
        await app.call("POST", "/register", {"code": await app.phone.login_code(person), "phone": "", "username": ""})
        for person in ("王芳", "李雷")
    ]

    assert [answer.status for answer in answers] == [201, 201]
    for document in await app.collection.find({}).to_list(None):
        assert not {"phone", "username", "usernameKey"} & set(document)


async def test_rule_11_a_blocked_user_is_refused_at_once_and_everywhere(app: UserApi) -> None:
    user = (await app.register("王芳", PHONE, username="wang_fang", password="correct horse")).data
    token = await app.staff_token()

    blocked = await app.call("PATCH", f"/{user['id']}/status", {"status": "blocked", "reason": "恶意下单"}, token)

    assert (blocked.status, blocked.data["status"], blocked.data["sessionCount"]) == (200, "blocked", 0)
    refused = [
        await app.login("王芳"),
        await app.register("王芳"),
        await app.call("POST", "/login-with-password", {"username": "wang_fang", "password": "correct horse"}),
        await app.call("GET", "/info", token=user["accessToken"]),
        await app.call("POST", "/refresh", {"refreshToken": user["refreshToken"]}),
        await app.bind(user["accessToken"], "王芳", "13900139000"),
    ]
    assert {(answer.status, answer.code) for answer in refused} == {(403, "USER_BLOCKED")}
    unblocked = await app.call("PATCH", f"/{user['id']}/status", {"status": "active"}, token)
    assert unblocked.data["status"] == "active"
    assert (await app.login("王芳")).status == 200
    assert (await app.call("GET", "/info", token=user["accessToken"])).code == "SESSION_ENDED"


async def test_rule_12_inactive_is_derived_and_ends_with_the_next_login(app: UserApi) -> None:
    user = (await app.login("王芳")).data
    app.clock.advance(31 * 86_400)
    token = await app.staff_token()

    away = await app.call("GET", "", token=token, query={"status": "inactive"})
    back = await app.login("王芳")
    after = await app.call("GET", "", token=token, query={"status": "inactive"})

    assert [(each["id"], each["status"]) for each in away.data["list"]] == [(user["id"], "inactive")]
    assert back.data["status"] == "active"
    assert after.data["list"] == []


async def test_rule_13_a_login_after_a_deletion_creates_a_new_account(app: UserApi) -> None:
    user = (await app.register("王芳", PHONE, username="wang_fang", password="correct horse")).data
    token = await app.staff_token()

    deleted = await app.call("DELETE", f"/{user['id']}", {"reason": "用户申请注销"}, token)
    back = await app.register("王芳", PHONE, username="wang_fang")

    assert deleted.status == 200
    assert (await app.call("GET", "/info", token=user["accessToken"])).status == 401
    assert (await app.call("GET", f"/{user['id']}", token=token)).code == "USER_NOT_FOUND"
    assert (back.status, back.data["isNewUser"], back.data["loginCount"]) == (201, True, 1)
    assert back.data["id"] != user["id"]
    stored = await app.collection.find_one({"deletedAt": {"$ne": None}})
    kept = {name: value for name, value in stored.items() if name != "outbox"}
    assert not {"openid", "unionid", "identities", "phone", "username", "_identityKeys"} & set(kept)
    assert PHONE not in str(stored)
    assert user["openid"] not in str(stored)
    assert len(stored["remains"]["phone"]) == 64
    assert await app.stores.user_credentials.hash_of(user["id"]) is None


async def test_rule_14_only_a_verified_phone_of_active_staff_counts(app: UserApi, start: Start) -> None:
    await app.staff_token(Role.EMPLOYEE, phone=PHONE)
    for role, number, field in (
        (Role.OPERATOR, "13900000001", {"suspended": True}),
        (Role.DISPATCH, "13900000002", {"active": False}),
        (Role.ADMISSIONS, "13900000003", {"left_at": app.clock.now()}),
    ):
        with pytest.raises(Exception, match=r"STAFF_(SUSPENDED|DISABLED)"):
            await app.staff_token(role, phone=number, **field)

    async with start(accept_unverified=True) as trusting:
        claimed = await trusting.call("POST", "/login", {"openid": "oNew", "phone": PHONE})
        await trusting.call("POST", "/phone/unbind", token=claimed.data["accessToken"])
    verified = await app.register("王芳", PHONE)
    former = [await app.register(f"former {number}", f"1390000000{number}") for number in (1, 2, 3)]

    assert (claimed.data["hasPhone"], claimed.data["isStaff"]) == (True, False)
    assert verified.data["isStaff"] is True
    assert [answer.data["isStaff"] for answer in former] == [False] * 3


async def test_rule_15_a_merged_account_leads_to_the_other_and_both_are_audited(app: UserApi, start: Start) -> None:
    one = (await app.register("王芳", PHONE, nickname="小王")).data
    other = (await app.register("王芳的旧手机", nickname="大王")).data
    path, body = f"/{one['id']}/merge", {"into": other["id"], "reason": "同一客户"}

    by_manager = await app.call("POST", path, body, await app.staff_token(Role.MANAGER))
    into_itself = await app.call("POST", path, {**body, "into": one["id"]}, await app.staff_token())
    merged = await app.call("POST", path, body, await app.staff_token())

    assert (by_manager.status, by_manager.code) == (403, "ADMINISTRATOR_REQUIRED")
    assert (into_itself.status, into_itself.code) == (422, "MERGE_REFUSED")
    assert (merged.status, merged.data["id"]) == (200, other["id"])
    assert (await app.call("GET", "/info", token=one["accessToken"])).status == 401
    logged_in = await app.login("王芳")
    assert (logged_in.data["id"], logged_in.data["isNewUser"], logged_in.data["nickname"]) == (
        other["id"],
        False,
        "大王",
    )
    rows = [event for event in await app.told() if event.get("action") == "miniprogram-user.merge"]
    assert {row["targetId"] for row in rows} == {one["id"], other["id"]}
    assert all(row["reason"] == "同一客户" for row in rows)
    assert "mergedFrom" in rows[1]["after"]
    assert PHONE not in str(rows)


async def test_rule_15_deleting_the_other_account_releases_the_openids_of_the_merged_one(app: UserApi) -> None:
    one, other = (await app.login("王芳")).data, (await app.login("李雷")).data
    token = await app.staff_token()
    await app.call("POST", f"/{one['id']}/merge", {"into": other["id"], "reason": "同一客户"}, token)
    await app.call("DELETE", f"/{other['id']}", {}, token)

    back = await app.login("王芳")

    assert (back.status, back.data["isNewUser"]) == (201, True)
    assert back.data["id"] not in (one["id"], other["id"])


class CrashesOnSecondSave(MongoUserRepository):
    saves = 0

    async def save(self, entity: User, events: Sequence[DomainEvent]) -> User:
        self.saves += 1
        if self.saves == 2:
            raise Unavailable
        return await super().save(entity, events)


async def test_rule_7_a_crash_between_the_two_writes_leaves_the_number_unbound(app: UserApi) -> None:
    old, new = (await app.register("王芳", PHONE)).data, (await app.login("李雷")).data
    crashing = CrashesOnSecondSave(app.stores.database, app.stores.outbox)
    services = user_services(replace(app.ports, users=crashing), accept_unverified=False, digest_key="k" * 32)
    claim = Claim(phone_code=await app.phone.phone_code("李雷", PHONE))

    with pytest.raises(Unavailable):
        await services.profiles.bind_phone(new["id"], claim, True, Actor(kind="user", id=new["id"]))

    assert [(await app.user(each["id"])).phone for each in (old, new)] == ["", ""]
    again = await app.bind(new["accessToken"], "李雷", PHONE, confirmRebind=True)
    assert again.data["phone"] == PHONE
