"""Claims of media user ids."""

import pytest
from redis.asyncio import Redis

from integrations.redis.interviews.media_user_ids import RedisMediaUserIds

GUEST = "p0123456789abcdef0123"
OTHER = "pfedcba9876543210fedc"


@pytest.fixture
def ids(redis: Redis) -> RedisMediaUserIds:
    return RedisMediaUserIds(redis)


async def test_a_media_user_id_belongs_to_the_first_claimant_and_participant_ids_cannot_be_claimed(
    ids: RedisMediaUserIds,
) -> None:
    assert await ids.claim("room_a", "user_1777", GUEST)
    assert await ids.claim("room_a", "user_1777", GUEST)
    assert not await ids.claim("room_a", "user_1777", OTHER)
    assert await ids.claim("room_b", "user_1777", OTHER)
    assert not await ids.claim("room_a", OTHER, GUEST)
    assert await ids.claim("room_a", GUEST, GUEST)

    assert await ids.owner_of("room_a", "user_1777") == GUEST
    assert await ids.owner_of("room_a", GUEST) == GUEST
