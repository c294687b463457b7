"""Records of people that contracts need, read from the collections of other areas."""

from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from domain.staff.model import Staff
from domain.users.identity import WeChatIdentity
from domain.users.model import User
from integrations.mongo.contracts.people import MongoPartyRecords, MongoStaffDirectory, MongoVerifiedPhones
from integrations.mongo.outbox import Outbox
from integrations.mongo.staff import MongoRoleRepository, MongoStaffRepository
from integrations.mongo.users.users import MongoUserRepository
from tests.domain.contracts.builders import NOW

Store = AsyncIOMotorDatabase[dict[str, Any]]


async def test_party_records_are_read_from_their_collections(database: Store) -> None:
    customer, worker = ObjectId(), ObjectId()
    await database["customers"].insert_one(
        {"_id": customer, "name": " 王芳 ", "phone": "13800138000", "idCardNumber": 1, "createdBy": "website"}
    )
    await database["resumes"].insert_one({"_id": worker, "name": "赵阿姨", "idNumber": "x", "currentAddress": "河南"})
    parties = MongoPartyRecords(database)

    found, other = await parties.customer(str(customer)), await parties.worker(str(worker))

    assert found is not None
    assert other is not None
    assert (found.name, found.phone, found.id_card, found.address) == ("王芳", "13800138000", "1", "")
    assert (found.people, other.people) == (("", "website"), None)
    assert (other.name, other.phone, other.id_card, other.address) == ("赵阿姨", "", "x", "河南")
    assert await parties.customer(str(worker)) is None
    assert await parties.worker("temp") is None


async def test_the_blacklist_is_queried_by_phone_and_card_number(database: Store) -> None:
    rows = [{"phone": "13900000001", "status": "active"}, {"idCard": "card-2", "status": "active"}]
    await database["aunt_blacklists"].insert_many([*rows, {"phone": "13900000003", "status": "released"}])
    parties = MongoPartyRecords(database)

    assert await parties.is_blacklisted("13900000001", "")
    assert await parties.is_blacklisted("13900000009", "card-2")
    assert not await parties.is_blacklisted("13900000003", "card-3")
    assert not await parties.is_blacklisted("", "")


async def test_an_unreleased_worker_is_available_only_to_the_resumes_owner(database: Store) -> None:
    released, unreleased, own = ObjectId(), ObjectId(), ObjectId()
    await database["resumes"].insert_many(
        [
            {"_id": released, "releasedForContract": True, "userId": ObjectId("6" * 24)},
            {"_id": unreleased, "userId": ObjectId("6" * 24)},
            {"_id": own, "userId": ObjectId("5" * 24)},
        ]
    )
    parties = MongoPartyRecords(database)

    available = [await parties.is_released_for(str(each), "5" * 24) for each in (released, unreleased, own)]

    assert available == [True, False, True]


def a_member(number: int, role: Role = Role.EMPLOYEE, **fields: Any) -> Staff:
    return Staff(
        id=f"{number:024x}",
        username=f"staff{number}",
        name=f"员工{number}",
        role=role,
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )


async def test_assignable_staff_are_active_and_may_view_contracts(database: Store, redis: Redis) -> None:
    staff = MongoStaffRepository(database, Outbox(database))
    members = [
        a_member(1),
        a_member(2, Role.ADMISSIONS),
        a_member(3, suspended=True),
        a_member(4, left_at=NOW),
        a_member(5, active=False),
        a_member(6, Role.MANAGER),
    ]
    for member in members:
        await staff.save(member, [])
    directory = MongoStaffDirectory(staff, MongoRoleRepository(database, Outbox(database)))

    active = [await directory.is_active(member.id) for member in members]

    assert active == [True, True, False, False, False, True]
    assert not await directory.is_active("f" * 24)
    assert await directory.assignable() == [(members[0].id, "员工1", "employee"), (members[5].id, "员工6", "manager")]
    assert [await directory.name_of(each) for each in (members[0].id, members[3].id, "f" * 24, "")] == [
        "员工1",
        "员工4",
        "",
        "",
    ]


async def test_only_a_phone_verified_by_wechat_is_returned(database: Store, redis: Redis) -> None:
    users = MongoUserRepository(database, Outbox(database))
    phones = MongoVerifiedPhones(users)
    ids = [f"{number:024x}" for number in (1, 2, 3)]
    identities = [WeChatIdentity(app_id="wx1", open_id=f"o{each}") for each in ids]
    made = [User.registered(each, identity, NOW) for each, identity in zip(ids, identities, strict=True)]
    await users.save(made[0].with_phone("13800138000", True, NOW), [])
    await users.save(made[1].with_phone("13800138001", False, NOW), [])
    await users.save(made[2], [])

    found = [await phones.phone_of(each) for each in (*ids, "f" * 24)]

    assert found == ["13800138000", "", "", ""]
