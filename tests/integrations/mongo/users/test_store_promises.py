"""The promises of the users' stores, checked on MongoDB and on the in-memory stores of the domain tests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Conflict
from domain.shared.paging import PageRequest, PageTooDeep
from domain.shared.places.region import Region
from domain.shared.ports import DurableFollower
from domain.users.errors import IdentityTaken, PhoneBound
from domain.users.events import UserActive, UserPhoneChanged
from domain.users.identity import IdentityDigests
from domain.users.login_record import LoginRecord
from domain.users.model import User
from domain.users.ports import LoginJournal, UserCredentials, UserList, UserRepository
from domain.users.user_query import TimeRange, UserFilter, UserQuery, UserSort
from integrations.mongo.outbox import Outbox
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.mongo.users.listing import MongoUserList
from integrations.mongo.users.users import MongoUserCredentials, MongoUserRepository
from integrations.security.ids import ObjectIds
from tests.domain.users.builders import APP_ID, NOW, a_session, a_user
from tests.domain.users.memory import MemoryLoginJournal, MemoryUserCredentials, MemoryUserList, MemoryUsers
from tests.integrations.clocks import SettableClock

PHONE = "13800138000"
DAY = timedelta(days=1)


class Journal(LoginJournal, DurableFollower, Protocol):
    """A login journal that also follows the events of successful logins."""


@dataclass
class Stores:
    users: UserRepository
    listing: UserList
    credentials: UserCredentials
    journal: Journal


def memory_stores() -> Stores:
    users = MemoryUsers()
    return Stores(users, MemoryUserList(users), MemoryUserCredentials(), MemoryLoginJournal())


@pytest.fixture(params=["mongodb", "memory"])
async def stores(request: pytest.FixtureRequest, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> Stores:
    if request.param == "memory":
        return memory_stores()
    users = MongoUserRepository(database, Outbox(database))
    await users.create_indexes()
    clock, ids = SettableClock(NOW), ObjectIds()
    journal = MongoLoginJournal(database, WriterRegistry(database), StatisticsStore(database), clock, ids)
    await journal.create_indexes()
    return Stores(users, MongoUserList(users), MongoUserCredentials(database), journal)


class TestUserRepository:
    async def test_a_saved_account_is_found_by_each_of_its_keys(self, stores: Stores) -> None:
        user = a_user("o1", "u1", phone=PHONE, nickname="小王", gender=0, sessions=(a_session(),))

        user = user.with_profile({"province": "广东"}).with_region(None).with_username("Wang_Fang")

        saved = await stores.users.save(user, ())

        assert (saved.version, saved.region.province) == (1, "广东")
        assert [
            await stores.users.find(user.id),
            await stores.users.find_by_identity(APP_ID, "o1"),
            await stores.users.find_by_unionid("u1"),
            await stores.users.find_by_phone(PHONE),
            await stores.users.find_by_username("WANG_fang"),
        ] == [saved] * 5

    async def test_unknown_and_empty_keys_find_nothing(self, stores: Stores) -> None:
        await stores.users.save(a_user("o1"), ())

        assert [
            await stores.users.find("0" * 24),
            await stores.users.find("not an id"),
            await stores.users.find_by_identity("wx2", "o1"),
            await stores.users.find_by_unionid(""),
            await stores.users.find_by_phone(""),
            await stores.users.find_by_username(""),
        ] == [None] * 6

    @pytest.mark.parametrize(
        ("one", "other", "failure"),
        [
            (a_user("o1"), a_user("o1"), IdentityTaken),
            (a_user("o1", "u1"), a_user("o2", "u1"), IdentityTaken),
            (a_user("o1", phone=PHONE), a_user("o2", phone=PHONE), PhoneBound),
            (a_user("o1").with_username("wang_fang"), a_user("o2").with_username("Wang_Fang"), UsernameTaken),
        ],
        ids=["openid", "unionid", "phone", "account name"],
    )
    async def test_a_taken_value_is_refused(
        self, stores: Stores, one: User, other: User, failure: type[Conflict]
    ) -> None:
        await stores.users.save(one, ())

        with pytest.raises(Conflict) as refused:
            await stores.users.save(other, ())

        assert type(refused.value) is failure
        assert await stores.users.find(other.id) is None

    async def test_a_value_taken_later_is_refused_and_changes_nothing(self, stores: Stores) -> None:
        await stores.users.save(a_user("o1", phone=PHONE), ())
        saved = await stores.users.save(a_user("o2"), ())

        with pytest.raises(PhoneBound):
            await stores.users.save(saved.with_phone(PHONE, True, NOW), ())

        assert await stores.users.find(saved.id) == saved

    async def test_empty_values_are_not_unique(self, stores: Stores) -> None:
        for open_id in ("o1", "o2"):
            assert (await stores.users.save(a_user(open_id), ())).version == 1

    async def test_one_account_may_have_several_identities_with_one_unionid(self, stores: Stores) -> None:
        user = a_user("o1", "u1")
        second = user.identities[0].model_copy(update={"appid": "wx2", "openid": "o2"})

        saved = await stores.users.save(user.model_copy(update={"identities": (*user.identities, second)}), ())

        assert await stores.users.find_by_identity("wx2", "o2") == saved
        assert await stores.users.find_by_unionid("u1") == saved

    async def test_a_released_value_can_be_taken(self, stores: Stores) -> None:
        saved = await stores.users.save(a_user("o1", phone=PHONE), ())
        await stores.users.save(saved.without_phone(NOW), ())

        other = await stores.users.save(a_user("o2", phone=PHONE), ())

        assert await stores.users.find_by_phone(PHONE) == other

    async def test_a_save_of_an_outdated_version_is_a_plain_conflict(self, stores: Stores) -> None:
        read = await stores.users.save(a_user("o1"), ())
        saved = await stores.users.save(read.with_profile({"nickname": "one"}), ())

        with pytest.raises(Conflict) as refused:
            await stores.users.save(read.with_profile({"nickname": "other"}), ())

        assert type(refused.value) is Conflict
        assert await stores.users.find(read.id) == saved

    async def test_of_concurrent_saves_exactly_one_succeeds(self, stores: Stores) -> None:
        read = await stores.users.save(a_user("o1"), ())

        saves = [stores.users.save(read.with_profile({"nickname": f"{number}"}), ()) for number in range(10)]
        outcomes = await asyncio.gather(*saves, return_exceptions=True)

        [won] = [outcome for outcome in outcomes if isinstance(outcome, User)]
        assert [type(outcome) for outcome in outcomes if outcome is not won] == [Conflict] * 9
        assert await stores.users.find(read.id) == won
        assert won.version == 2

    async def test_a_deleted_account_is_found_by_its_id_only(self, stores: Stores) -> None:
        saved = await stores.users.save(a_user("o1", "u1", phone=PHONE).with_username("wang_fang"), ())

        gone = await stores.users.save(saved.deleted(IdentityDigests(phone="digest"), NOW), ())

        assert await stores.users.find(saved.id) == gone
        assert [
            await stores.users.find_by_identity(APP_ID, "o1"),
            await stores.users.find_by_unionid("u1"),
            await stores.users.find_by_phone(PHONE),
            await stores.users.find_by_username("wang_fang"),
        ] == [None] * 4

    async def test_a_merged_account_is_still_found_by_its_identities(self, stores: Stores) -> None:
        saved = await stores.users.save(a_user("o1", "u1", phone=PHONE), ())

        merged = await stores.users.save(saved.merged("f" * 24, IdentityDigests(), NOW), ())

        assert await stores.users.find_by_identity(APP_ID, "o1") == merged
        assert await stores.users.find_by_unionid("u1") == merged
        assert await stores.users.find_by_phone(PHONE) is None


class TestUserList:
    async def test_filters_select_and_ranges_include_their_ends(self, stores: Stores) -> None:
        shenzhen = Region(province="广东", city="深圳")
        one = await stores.users.save(a_user("o1", phone=PHONE, region=shenzhen), ())
        two = await stores.users.save(a_user("o2", status="blocked", created_at=NOW + DAY, needs_review=True), ())
        three = await stores.users.save(a_user("o3", last_login_at=None, created_at=NOW + 2 * DAY), ())

        async def found(**filters: Any) -> list[str]:
            query = UserQuery(filter=UserFilter(**filters), sort=UserSort.CREATED, now=NOW + 31 * DAY)
            return [user.id for user in (await stores.listing.page(query, PageRequest())).list]

        assert await found() == [one.id, two.id, three.id]
        assert await found(status="blocked") == [two.id]
        assert await found(status="active") == []
        assert await found(status="inactive") == [one.id]
        assert await found(has_phone=True) == [one.id]
        assert await found(has_phone=False) == [two.id, three.id]
        assert await found(province="广东") == [one.id]
        assert await found(province="未知") == [two.id, three.id]
        assert await found(needs_review=True) == [two.id]
        assert await found(created=TimeRange(since=NOW + DAY, until=NOW + 2 * DAY)) == [two.id, three.id]
        assert await found(last_login=TimeRange(until=NOW)) == [one.id, two.id]

    @pytest.mark.parametrize("sort", UserSort)
    async def test_pages_follow_the_order_without_overlap(self, stores: Stores, sort: UserSort) -> None:
        values = [(number % 3, number % 4) for number in range(12)]
        saved = [await stores.users.save(_with_sort_values(f"o{n}", *each), ()) for n, each in enumerate(values)]
        query = UserQuery(sort=sort, now=NOW)

        pages = [await stores.listing.page(query, PageRequest(page=page, page_size=5)) for page in (1, 2, 3)]

        key: Callable[[User], Any] = {
            "createdAt": lambda user: user.created_at,
            "lastLoginAt": lambda user: user.last_login_at,
            "loginCount": lambda user: user.login_count,
        }[sort.field]
        expected = sorted(saved, key=lambda user: (key(user), user.id), reverse=sort.descending)
        assert [user.id for page in pages for user in page.list] == [user.id for user in expected]
        assert [page.total for page in pages] == [12] * 3
        assert [user.id async for user in stores.listing.stream(query, 7)] == [user.id for user in expected[:7]]
        assert await stores.listing.count(query, 100) == 12
        assert await stores.listing.count(query, 7) == 7

    async def test_a_page_beyond_the_last_row_is_refused(self, stores: Stores) -> None:
        with pytest.raises(PageTooDeep):
            await stores.listing.page(UserQuery(now=NOW), PageRequest(page=501, page_size=20))

    async def test_a_search_combines_all_meanings_of_its_text(self, stores: Stores) -> None:
        one = await stores.users.save(a_user("o1", phone=PHONE, nickname="小明同学"), ())
        two = await stores.users.save(a_user("o2-1234567", nickname="小红 Lily").with_username("Wang_Fang"), ())
        digits = await stores.users.save(a_user("o3", nickname="138号"), ())

        async def found(search: str, **filters: Any) -> set[str]:
            query = UserQuery(search=search, filter=UserFilter(**filters), now=NOW)
            page = await stores.listing.page(query, PageRequest())
            assert page.total == len(page.list) == await stores.listing.count(query, 10)
            assert [user.id async for user in stores.listing.stream(query, 10)] == [user.id for user in page.list]
            return {user.id for user in page.list}

        assert await found("138") == {one.id, digits.id}
        assert await found("+86 138 0013 8000") == {one.id}
        assert await found("8000") == await found("0013 8000") == {one.id}
        assert await found("000") == await found("0138") == set()
        assert await found("WANG_f") == {two.id}
        assert await found("o2-1234567") == {two.id}
        assert await found("小") == {one.id, two.id}
        assert await found("明同") == {one.id}
        assert await found("同明") == set()
        assert await found("lily") == {two.id}
        assert await found("138", has_phone=False) == {digits.id}

    async def test_a_nickname_with_the_same_pairs_in_another_order_is_not_found(self, stores: Stores) -> None:
        await stores.users.save(a_user("o1", nickname="bcab"), ())
        await stores.users.save(a_user("o2", nickname="xabcax"), ())

        page = await stores.listing.page(UserQuery(search="ABCA", now=NOW), PageRequest())

        assert [user.nickname for user in page.list] == ["xabcax"]

    async def test_deleted_and_merged_accounts_are_not_listed(self, stores: Stores) -> None:
        one = await stores.users.save(a_user("o1", nickname="小王"), ())
        two = await stores.users.save(a_user("o2", nickname="小王"), ())
        await stores.users.save(one.deleted(IdentityDigests(), NOW), ())
        await stores.users.save(two.merged("f" * 24, IdentityDigests(), NOW), ())

        for query in (
            UserQuery(now=NOW),
            UserQuery(search="小王", now=NOW),
            UserQuery(filter=UserFilter(status="active"), now=NOW),
        ):
            assert (await stores.listing.page(query, PageRequest())).total == 0

    async def test_listed_accounts_carry_no_sessions(self, stores: Stores) -> None:
        await stores.users.save(a_user("o1", sessions=(a_session(),)), ())

        [listed] = (await stores.listing.page(UserQuery(now=NOW), PageRequest())).list

        assert listed.sessions == ()


def _with_sort_values(open_id: str, day: int, logins: int) -> User:
    at = NOW + day * DAY
    return a_user(open_id, created_at=at, last_login_at=at + DAY, login_count=logins)


class TestUserCredentials:
    async def test_a_hash_is_renewed_only_if_it_was_not_changed_meanwhile(self, stores: Stores) -> None:
        user_id = a_user().id
        await stores.credentials.store(user_id, "hash-1")

        await stores.credentials.replace(user_id, "hash-0", "hash-2")
        unchanged = await stores.credentials.hash_of(user_id)
        await stores.credentials.replace(user_id, "hash-1", "hash-2")
        await stores.credentials.replace(a_user().id, "hash-1", "hash-2")

        assert (unchanged, await stores.credentials.hash_of(user_id)) == ("hash-1", "hash-2")

    async def test_a_hash_is_stored_replaced_and_deleted(self, stores: Stores) -> None:
        user_id, other_id = a_user().id, a_user().id

        await stores.credentials.store(user_id, "hash-1")
        await stores.credentials.store(user_id, "hash-2")
        await stores.credentials.store(other_id, "hash-3")
        stored = await stores.credentials.hash_of(user_id)
        for _ in range(2):
            await stores.credentials.forget(user_id)

        assert stored == "hash-2"
        assert await stores.credentials.hash_of(user_id) is None
        assert await stores.credentials.hash_of(other_id) == "hash-3"


class TestLoginJournal:
    async def test_successful_and_failed_logins_are_listed_newest_first(self, stores: Stores) -> None:
        login = _a_login("1" * 24, NOW)
        failure = _a_failure("2" * 24, NOW + DAY)
        of_another_user = failure.model_copy(update={"id": "3" * 24, "user_id": "b" * 24})

        await stores.journal.follow([login, _a_phone_change("4" * 24)])
        await stores.journal.record_failure(failure)
        await stores.journal.record_failure(of_another_user)

        page = await stores.journal.page_of("a" * 24, PageRequest())
        assert page.total == 2
        assert page.list == [
            failure,
            LoginRecord(
                id=login.id,
                at=NOW,
                user_id="a" * 24,
                method="openid",
                result="success",
                app_id=APP_ID,
                address="1.2.4.8",
                user_agent="phone",
                region=Region(province="江苏", city="南京"),
            ),
        ]

    async def test_an_event_that_is_delivered_again_is_recorded_once(self, stores: Stores) -> None:
        for _ in range(2):
            await stores.journal.follow([_a_login("1" * 24, NOW)])

        assert (await stores.journal.page_of("a" * 24, PageRequest())).total == 1

    async def test_pages_do_not_overlap_and_end_at_the_last_row(self, stores: Stores) -> None:
        failures = [_a_failure(f"{number:024x}", NOW) for number in range(5)]
        await asyncio.gather(*(stores.journal.record_failure(each) for each in failures))

        pages = [await stores.journal.page_of("a" * 24, PageRequest(page=page, page_size=2)) for page in (1, 2, 3)]

        assert [record.id for page in pages for record in page.list] == [each.id for each in reversed(failures)]
        with pytest.raises(PageTooDeep):
            await stores.journal.page_of("a" * 24, PageRequest(page=5_001, page_size=2))

    async def test_many_failures_of_a_minute_share_a_row_that_counts_them(self, stores: Stores) -> None:
        for number in range(20):
            await stores.journal.record_failure(_a_failure(f"{number:024x}", NOW))
        await asyncio.gather(*(stores.journal.record_failure(_a_failure(f"{n:024x}", NOW)) for n in range(20, 47)))

        page = await stores.journal.page_of("a" * 24, PageRequest(page_size=20))

        assert [record.count for record in page.list] == [37] + [1] * 10
        assert page.list[0] == _a_failure(f"{10:024x}", NOW).model_copy(update={"count": 37})


def _a_login(event_id: str, at: datetime) -> UserActive:
    return UserActive(
        id=event_id,
        at=at,
        user_id="a" * 24,
        registered_at=NOW,
        login_count=1,
        has_phone=False,
        region=Region(),
        method="openid",
        is_new=True,
        app_id=APP_ID,
        address="1.2.4.8",
        user_agent="phone",
        login_region=Region(province="江苏", city="南京"),
    )


def _a_phone_change(event_id: str) -> UserPhoneChanged:
    return UserPhoneChanged(
        id=event_id, at=NOW, user_id="a" * 24, registered_at=NOW, login_count=1, has_phone=True, region=Region()
    )


def _a_failure(record_id: str, at: datetime) -> LoginRecord:
    return LoginRecord(
        id=record_id,
        at=at,
        user_id="a" * 24,
        method="password",
        result="failed",
        reason="BAD_CREDENTIALS",
        address="8.8.8.8",
    )
