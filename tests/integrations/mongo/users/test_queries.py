"""Cost of the users' queries in MongoDB: commands of a login, and the index of each query."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import monitoring
from redis.asyncio import Redis

from domain.shared.actor import Actor
from domain.users.login.identity_verification import Claim
from domain.users.profile_fields import ProfileFields
from domain.users.services import user_services
from domain.users.user_query import TimeRange, UserFilter, UserQuery, UserSort
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import KEYS, KEYS_INDEX
from integrations.mongo.users.listing import filter_and_index, order_of, search_queries
from integrations.mongo.users.users import MongoUserCredentials, MongoUserRepository
from tests.domain.users.builders import NOW, a_user
from tests.user_api import user_api

Store = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def users(database: Store, redis: Redis) -> MongoUserRepository:
    users = MongoUserRepository(database, Outbox(database))
    await users.create_indexes()
    return users


class CommandLog(monitoring.CommandListener):
    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


async def test_a_login_of_a_known_user_costs_one_read_and_one_write(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Store
) -> None:
    commands = CommandLog()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongodb_uri, tz_aware=True, event_listeners=[commands]
    )
    async with user_api(mongodb_uri, redis_url, database.name) as running:
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
        assert commands.names == ["find", "update"] * 10  # one after the other, without a retry

        await asyncio.gather(*(services.logins.login(Claim(openid=f"o{n}"), ProfileFields(), actor) for n in range(20)))
        commands.names.clear()
        await asyncio.gather(*(services.logins.login(Claim(openid=f"o{n}"), ProfileFields(), actor) for n in range(20)))
        assert len(commands.names) < 20  # twenty logins share reads and writes
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


async def test_each_shape_of_list_query_is_served_by_its_index(users: MongoUserRepository, database: Store) -> None:
    await users.save(a_user("o1"), ())
    keys = {name: dict(index["key"]) for name, index in (await users.search.collection.index_information()).items()}
    for shape in SHAPES:
        filters, index = filter_and_index(shape)
        _assert_equality_sort_range(filters, order_of(shape), list(keys[index]))
        assert await _index_of(users.search.collection.find(filters).sort(order_of(shape)).hint(index)) == index
    assert len({filter_and_index(shape)[1] for shape in SHAPES}) == 4


def _assert_equality_sort_range(filters: dict[str, Any], order: list[tuple[str, int]], keys: list[str]) -> None:
    ranges = [field for field, wanted in filters.items() if isinstance(wanted, dict) and "$in" not in wanted]
    equal = [field for field in filters if field not in ranges]
    sorts = [field for field, _ in order]
    assert set(keys[: len(equal)]) == set(equal)
    assert keys[len(equal) : len(equal) + len(sorts)] == sorts
    assert set(ranges) <= {*sorts, *keys[len(equal) + len(sorts) :]}


@pytest.mark.parametrize("search", ["1380013", "8000", "wang_f", "小王", "oXyz-1234567890"])
async def test_each_kind_of_search_is_served_by_an_index(users: MongoUserRepository, search: str) -> None:
    await users.save(a_user("o1", phone="13800138000"), ())

    for kind in search_queries(UserQuery(search=search, now=NOW)):
        cursor = users.search.collection.find(kind.filters).hint(kind.index)
        assert await _index_of(cursor.sort(kind.order) if kind.order else cursor) == kind.index


async def test_concurrent_lookups_are_batched_and_served_by_that_index(users: MongoUserRepository) -> None:
    saved = [await users.save(a_user(f"o{number}", f"u{number}"), ()) for number in range(4)]
    wanted = ("o0", "o1", "unknown", "o2", "o1", "o3")

    found = await asyncio.gather(*(users.find_by_identity("wx1", open_id) for open_id in wanted))

    assert found == [saved[0], saved[1], None, saved[2], saved[1], saved[3]]
    keys = ["openid:wx1:o1", "openid:wx1:o2"]
    assert await _index_of(users.collection.find({KEYS: {"$in": keys}})) == KEYS_INDEX
    assert await _index_of(users.collection.find({KEYS: keys[0]})) == KEYS_INDEX


async def _index_of(cursor: Any) -> str:
    """The index that the winning plan reads."""
    stage = (await cursor.explain())["queryPlanner"]["winningPlan"]
    while "inputStage" in stage:
        stage = stage["inputStage"]
    return str(stage.get("indexName", stage["stage"]))
