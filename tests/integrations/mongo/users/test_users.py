"""Mini-program users in a real store: uniqueness, round trips, and an index for each shape of query."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import monitoring
from redis.asyncio import Redis

from domain.shared.actor import Actor
from domain.shared.errors import Conflict
from domain.shared.paging import PageRequest, PageTooDeep
from domain.users.administration.listing import TimeRange, UserFilter, UserQuery, UserSort
from domain.users.errors import IdentityTaken, PhoneBound
from domain.users.identity import IdentityDigests, WeChatIdentity
from domain.users.login.identity_verification import Claim
from domain.users.model import User
from domain.users.profile.fields import ProfileFields
from domain.users.services import user_services
from integrations.mongo.outbox import Outbox
from integrations.mongo.users.listing import MongoUserList, filter_and_index, order_of, search_queries
from integrations.mongo.users.users import IDENTITY_KEYS, MongoUserCredentials, MongoUserRepository, create_indexes
from integrations.security.ids import ObjectIds
from tests.backend import backend

Store = AsyncIOMotorDatabase[dict[str, Any]]
NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
IDS = ObjectIds()


def a_user(open_id: str, union_id: str = "", **fields: Any) -> User:
    identity = WeChatIdentity(app_id="wx1", open_id=open_id, union_id=union_id)
    user = User.registered(IDS.next_id(), identity, NOW)
    return user.model_copy(update={"last_login_at": NOW, **fields})


@pytest.fixture
async def users(database: Store, redis: Redis) -> MongoUserRepository:
    await create_indexes(database)
    return MongoUserRepository(database, Outbox())


async def test_what_was_saved_comes_back(users: MongoUserRepository) -> None:
    user = a_user("o1", "u1", phone="13800138000", nickname="小王", gender=0).with_profile({"province": "广东"})

    saved = await users.save(user.with_region(None), ())

    assert await users.find_by_identity("wx1", "o1") == saved
    assert await users.find_by_unionid("u1") == saved
    assert await users.find_by_phone("13800138000") == saved
    assert (saved.version, saved.region.province) == (1, "广东")


@pytest.mark.parametrize(
    ("one", "other", "failure"),
    [
        (a_user("o1"), a_user("o1"), IdentityTaken),
        (a_user("o1", "u1"), a_user("o2", "u1"), IdentityTaken),
        (a_user("o1", phone="13800138000"), a_user("o2", phone="13800138000"), PhoneBound),
    ],
)
async def test_what_must_be_unique_is(
    users: MongoUserRepository, one: User, other: User, failure: type[Conflict]
) -> None:
    await users.save(one, ())

    with pytest.raises(failure):
        await users.save(other, ())


async def test_a_value_that_was_given_up_is_free_again(users: MongoUserRepository) -> None:
    saved = await users.save(a_user("o1", phone="13800138000"), ())
    await users.save(saved.without_phone(NOW), ())

    await users.save(a_user("o2", phone="13800138000"), ())

    assert await users.find_by_phone("13800138000") is not None


async def test_a_save_over_somebody_elses_is_a_conflict(users: MongoUserRepository) -> None:
    read = await users.save(a_user("o1"), ())
    await users.save(read.with_profile({"nickname": "one"}), ())

    with pytest.raises(Conflict):
        await users.save(read.with_profile({"nickname": "other"}), ())


class Commands(monitoring.CommandListener):
    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


async def test_a_known_persons_log_in_costs_one_read_and_one_write(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Store
) -> None:
    commands = Commands()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongodb_uri, tz_aware=True, event_listeners=[commands]
    )
    async with backend(mongodb_uri, redis_url, database.name) as running:
        watched = MongoUserRepository(client[database.name], running.stores.outbox)
        ports = replace(running.ports, users=watched, credentials=MongoUserCredentials(client[database.name]))
        services = user_services(ports, accept_unverified=True, digest_key="k" * 32)
        actor = Actor(kind="user", id="anonymous", address="127.0.0.1")
        await services.logins.login(Claim(openid="o1"), ProfileFields(), actor)
        commands.names.clear()

        await services.logins.login(Claim(openid="o1"), ProfileFields(), actor)

        assert commands.names == ["find", "update"]
        commands.names.clear()
        await asyncio.gather(*(services.logins.login(Claim(openid="o1"), ProfileFields(), actor) for _ in range(10)))
        assert commands.names == ["find", "update"] * 10  # in turn: nobody had to try again

        await asyncio.gather(*(services.logins.login(Claim(openid=f"o{n}"), ProfileFields(), actor) for n in range(20)))
        commands.names.clear()
        await asyncio.gather(*(services.logins.login(Claim(openid=f"o{n}"), ProfileFields(), actor) for n in range(20)))
        assert len(commands.names) < 20  # twenty people share reads and writes
    client.close()


RANGES = [TimeRange(), TimeRange(since=NOW - timedelta(days=7), until=NOW)]
SHAPES = [
    UserQuery(
        filter=UserFilter(
            status=status, has_phone=has_phone, province=province, created=created, last_login=last_login
        ),
        sort=sort,
        now=NOW,
    )
    for status, has_phone, province, created, last_login, sort in itertools.product(
        (None, "active", "inactive", "blocked"), (None, True), (None, "广东"), RANGES, RANGES, UserSort
    )
]


async def test_each_shape_of_list_query_is_served_by_the_index_made_for_it(
    users: MongoUserRepository, database: Store
) -> None:
    await users.save(a_user("o1"), ())
    keys = {name: dict(index["key"]) for name, index in (await users.collection.index_information()).items()}
    for shape in SHAPES:
        filters, index = filter_and_index(shape)
        _assert_equality_sort_range(filters, order_of(shape), list(keys[index]))
        assert await _index_of(users.collection.find(filters).sort(order_of(shape)).hint(index)) == index
    assert len({filter_and_index(shape)[1] for shape in SHAPES}) == 3


def _assert_equality_sort_range(filters: dict[str, Any], order: list[tuple[str, int]], keys: list[str]) -> None:
    ranges = [field for field, wanted in filters.items() if isinstance(wanted, dict) and "$in" not in wanted]
    equal = [field for field in filters if field not in ranges]
    sorts = [field for field, _ in order]
    assert set(keys[: len(equal)]) == set(equal)
    assert keys[len(equal) : len(equal) + len(sorts)] == sorts
    assert set(ranges) <= {*sorts, *keys[len(equal) + len(sorts) :]}


@pytest.mark.parametrize("search", ["1380013", "wang_f", "小王", "oXyz-1234567890"])
async def test_each_kind_of_search_is_served_by_an_index(users: MongoUserRepository, search: str) -> None:
    await users.save(a_user("o1", phone="13800138000"), ())

    for kind in search_queries(UserQuery(search=search, now=NOW)):
        cursor = users.collection.find(kind.filters).hint(kind.index)
        assert await _index_of(cursor.sort(kind.order) if kind.order else cursor) == kind.index


@pytest.mark.parametrize(
    ("field", "index"), [(IDENTITY_KEYS, "identity_keys"), ("phone", "phone"), ("usernameKey", "usernameKey")]
)
async def test_each_log_in_finds_its_account_by_an_index_of_its_own(
    users: MongoUserRepository, field: str, index: str
) -> None:
    await users.save(a_user("o1"), ())

    assert await _index_of(users.collection.find({field: "x"})) == index


async def test_people_who_log_in_at_the_same_time_are_found_together_by_that_index(users: MongoUserRepository) -> None:
    saved = [await users.save(a_user(f"o{number}", f"u{number}"), ()) for number in range(4)]
    wanted = ("o0", "o1", "nobody", "o2", "o1", "o3")

    found = await asyncio.gather(*(users.find_by_identity("wx1", open_id) for open_id in wanted))

    assert found == [saved[0], saved[1], None, saved[2], saved[1], saved[3]]
    assert await _index_of(users.collection.find({IDENTITY_KEYS: {"$in": ["wx1:o1", "wx1:o2"]}})) == "identity_keys"


async def test_the_index_of_earlier_versions_makes_room_for_its_successor(database: Store) -> None:
    users = database["miniprogram_users"]
    present = {IDENTITY_KEYS: {"$gt": ""}}
    await users.create_index(IDENTITY_KEYS, name=IDENTITY_KEYS, unique=True, partialFilterExpression=present)

    await create_indexes(database)
    await create_indexes(database)

    names = set(await users.index_information())
    assert "identity_keys" in names
    assert IDENTITY_KEYS not in names


async def _index_of(cursor: Any) -> str:
    """The index that the winning plan reads."""
    stage = (await cursor.explain())["queryPlanner"]["winningPlan"]
    while "inputStage" in stage:
        stage = stage["inputStage"]
    return str(stage.get("indexName", stage["stage"]))


async def test_a_page_too_deep_is_refused_and_pages_do_not_overlap(users: MongoUserRepository) -> None:
    for number in range(25):
        await users.save(a_user(f"o{number}", login_count=number % 2), ())
    listing = MongoUserList(users)
    query = UserQuery(sort=UserSort.LOGIN_COUNT_DESCENDING, now=NOW)

    pages = [await listing.page(query, PageRequest(page=page, page_size=10)) for page in (1, 2, 3)]

    ids = [user.id for page in pages for user in page.list]
    assert len(ids) == len(set(ids)) == pages[0].total == 25
    assert [user.login_count for page in pages for user in page.list] == [1] * 12 + [0] * 13
    assert [user.id async for user in listing.stream(query, 100)] == ids
    with pytest.raises(PageTooDeep):
        await listing.page(query, PageRequest(page=501, page_size=20))


async def test_a_nickname_with_all_pairs_in_another_order_is_not_found(users: MongoUserRepository) -> None:
    await users.save(a_user("o1", nickname="bcab"), ())
    await users.save(a_user("o2", nickname="xabcax"), ())

    page = await MongoUserList(users).page(UserQuery(search="ABCA", now=NOW), PageRequest())

    assert [user.nickname for user in page.list] == ["xabcax"]


async def test_the_gone_are_in_no_list(users: MongoUserRepository) -> None:
    saved = await users.save(a_user("o1", nickname="小王"), ())
    await users.save(saved.deleted(IdentityDigests(), NOW), ())
    listing = MongoUserList(users)

    for query in (
        UserQuery(now=NOW),
        UserQuery(search="小王", now=NOW),
        UserQuery(filter=UserFilter(status="active"), now=NOW),
    ):
        assert (await listing.page(query, PageRequest())).total == 0
