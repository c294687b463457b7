"""Documents whose names hide something, or are longer than a request may send, load with the names cleaned."""

from collections.abc import Callable
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.terms import ContractTerms
from domain.shared.entity import Entity
from domain.staff.model import Staff
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Repository
from integrations.mongo.staff import MongoStaffRepository
from integrations.mongo.users.users import MongoUserRepository
from tests.domain.contracts.builders import a_contract
from tests.domain.users.builders import NOW, a_user
from tests.integrations.mongo.interviews.builders import a_room

Store = AsyncIOMotorDatabase[dict[str, Any]]
HIDDEN = "\u202d王\u200b芳\x00\n👩\u200d👧\u202c" + "长" * 300
CLEAN = "王芳 👩\u200d👧" + "长" * 300
STAFF = Staff(id="65f0c1d2e3a4b5c6d7e8f901", username="wang", name="x", role="admin", created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize(
    ("repository", "entity", "field", "loaded"),
    [
        (MongoUserRepository, a_user(), "nickname", "nickname"),
        (MongoStaffRepository, STAFF, "name", "name"),
        (MongoContractRepository, a_contract(), "customerName", "customer_name"),
        (MongoContractRepository, a_contract(), "workerAddress", "worker_address"),
        (MongoInterviewRoomRepository, a_room("room_1"), "roomName", "room_name"),
        (MongoInterviewRoomRepository, a_room("room_1"), "candidateName", "candidate_name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_name_of_an_older_document_is_cleaned_when_it_is_loaded(
    database: Store, repository: Callable[[Store, Outbox], Repository[Any]], entity: Entity, field: str, loaded: str
) -> None:
    entities = repository(database, Outbox(database))
    saved = await entities.save(entity, [])
    await entities.collection.update_one({}, {"$set": {field: HIDDEN}})

    found = await entities.find(saved.id)

    assert getattr(found, loaded) == CLEAN


def test_remarks_of_an_older_contract_keep_their_lines() -> None:
    terms = ContractTerms.model_validate({"remarks": "每月休四天\u2028住家\u202e\r\n"})

    assert terms.remarks == "每月休四天\n住家"
