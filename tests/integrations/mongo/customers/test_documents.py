"""Documents of the former system, and the index that serves each list."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.customers.customer_query import CustomerFilter, CustomerQuery, SortField
from domain.customers.errors import CustomerPhoneTaken
from domain.customers.levels import LeadLevel
from domain.customers.model import FollowUpStatus, LeadStatus
from domain.customers.stages import Stage, Standing
from domain.shared.paging import PageRequest
from domain.shared.scope import EVERYTHING, Scope
from integrations.mongo.customers.listing import MongoCustomerList, filter_and_index, order_of
from integrations.mongo.customers.repository import MongoCustomerRepository
from integrations.mongo.layout import convert_layout
from integrations.mongo.outbox import Outbox
from tests.domain.customers.builders import a_customer

Store = AsyncIOMotorDatabase[dict[str, Any]]
CREATED = datetime(2024, 5, 1, 8, tzinfo=UTC)
_FIRST = PageRequest(page=1, page_size=50)


@pytest.fixture
async def customers(database: Store, redis: Redis) -> MongoCustomerRepository:
    customers = MongoCustomerRepository(database, Outbox(database))
    await customers.create_indexes()
    return customers


async def test_a_document_of_the_former_system_is_read_listed_and_saved(
    customers: MongoCustomerRepository, database: Store
) -> None:
    owner, customer = ObjectId(), ObjectId()
    await database["customers"].insert_one(
        {
            "_id": customer,
            "__v": 3,
            "customerId": "CUS12345678901",
            "name": "王芳",
            "phone": "13800138000",
            "wechatId": None,
            "leadSource": "官网",
            "contractStatus": "退款中",
            "leadLevel": "O类",
            "dealAmount": 1999.5,
            "createdBy": "website",
            "assignedTo": owner,
            "notOurs": {"a": 1},
            "createdAt": CREATED,
            "updatedAt": CREATED,
        }
    )
    await customers.create_indexes()
    await convert_layout(database, customers)

    found = await customers.find_by_number("CUS12345678901")

    assert found is not None
    assert (found.assigned_to, found.deal_amount_fen, found.contract_status) == (str(owner), 199950, Stage.REFUNDING)
    assert (found.contract_standing, found.lead_stage, found.grade) == (Standing.IN_FORCE, Stage.MATCHING, None)
    assert (found.last_activity_at, found.version) == (CREATED, 1)
    saved = await customers.save(found.graded(LeadLevel.DEAL, CREATED, "x").edited(CREATED, "x", area="朝阳"), [])
    stored = await database["customers"].find_one({"_id": customer})
    assert stored is not None
    assert (stored["notOurs"], stored["dealAmount"], stored["leadLevel"]) == ({"a": 1}, 1999.5, "O类")
    assert stored["assignedTo"] == owner
    page = await MongoCustomerList(customers).count(CustomerFilter(scope=Scope.of(str(owner))), 10)
    assert (page, saved.version) == (1, 2)


async def test_a_document_with_a_name_alone_is_read(customers: MongoCustomerRepository, database: Store) -> None:
    inserted = await database["customers"].insert_one({"name": "王芳", "idCardNumber": 1, "version": 1})

    found = await customers.find(str(inserted.inserted_id))

    assert found is not None
    assert (found.name, found.id_card_number, found.contract_status) == ("王芳", "1", Stage.PENDING)
    assert await customers.save(found.following_contracts(Standing.SIGNING, CREATED), [])


async def test_a_phone_belongs_to_one_customer_until_it_is_deleted(customers: MongoCustomerRepository) -> None:
    first = await customers.save(a_customer(phone="13800138000"), [])
    with pytest.raises(CustomerPhoneTaken):
        await customers.save(a_customer(phone="13800138000"), [])

    await customers.save(first.deleted(CREATED), [])

    assert await customers.find(first.id) is None
    assert await customers.save(a_customer(phone="13800138000"), [])


SCOPES = [EVERYTHING, Scope.of("6" * 24), Scope.of("6" * 24, "7" * 24)]
FILTERS: list[dict[str, Any]] = [
    {},
    {"lead_source": "美团"},
    {"service_category": "月嫂"},
    {"contract_status": Stage.MATCHING},
    {"contract_status": Stage.LOST},
    {"lead_level": LeadLevel.A},
    {"lead_status": LeadStatus.TRANSFERRED},
    {"follow_up_status": FollowUpStatus.NEW},
    {"owner_id": "6" * 24},
    {"created_from": CREATED, "created_until": CREATED + timedelta(days=1)},
    {"assigned_from": CREATED},
    {"due": True, "due_until": CREATED},
    {"awaits_response": True, "awaited_from": CREATED},
    {"owner_id": "6" * 24, "active_until": CREATED, "with_lost": True},
    {"search": "wf"},
    {"name": "王", "phone": "8000", "lead_source": "美团"},
    {"pool": True},
    {"pool": True, "lead_level": LeadLevel.B, "search": "王"},
]


async def test_every_filter_and_order_of_the_list_is_served_by_an_index(customers: MongoCustomerRepository) -> None:
    await customers.save(a_customer(), [])
    unserved = []
    for scope, wanted, sort, descending in itertools.product(SCOPES, FILTERS, SortField, (True, False)):
        query = CustomerQuery(filter=CustomerFilter(scope=scope, **wanted), sort=sort, descending=descending)
        filters, index = filter_and_index(query)
        found = customers.search.collection.find(filters, {"_id": 1}).sort(order_of(query)).hint(index).limit(20)
        plan = str((await found.explain())["queryPlanner"]["winningPlan"])
        if "COLLSCAN" in plan or f"'{index}'" not in plan:
            unserved.append((scope, wanted, sort, plan))

    assert unserved == []


async def test_filters_find_what_they_say(customers: MongoCustomerRepository) -> None:
    mine, theirs = "6" * 24, "7" * 24
    own = await customers.save(a_customer(assigned_to=mine, lead_source="美团"), [])
    lost = await customers.save(a_customer(assigned_to=mine, contract_status=Stage.LOST), [])
    moved = await customers.save(a_customer(assigned_to=theirs, transfer_count=1, created_by=mine), [])
    pooled = await customers.save(a_customer(created_by=mine).released(mine, "", CREATED), [])
    listing = MongoCustomerList(customers)

    async def found(**wanted: Any) -> set[str]:
        query = CustomerQuery(filter=CustomerFilter(**{"scope": Scope.of(mine), **wanted}))
        return {each.id for each in (await listing.page(query, _FIRST)).list}

    assert await found() == {own.id, moved.id}
    assert await found(with_lost=True) == {own.id, lost.id, moved.id}
    assert await found(lead_level=LeadLevel.LOST) == {lost.id}
    assert await found(scope=Scope.of(theirs)) == {moved.id}
    assert await found(scope=Scope.of(mine, theirs), lead_status=LeadStatus.TRANSFERRED) == {moved.id}
    assert await found(scope=Scope.of(theirs), pool=True) == {pooled.id}
    assert await found(scope=EVERYTHING, owner_id=mine, lead_source="美团") == {own.id}
    counts = await listing.counts(CustomerFilter(scope=EVERYTHING, with_lost=True))
    assert (counts.total, counts.by_stage) == (3, {"待定": 2, "流失客户": 1})
