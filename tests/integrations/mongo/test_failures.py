"""Translation of errors of the MongoDB driver into errors of the domain."""

import logging

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from domain.shared.errors import Conflict, DomainError, StorageFull, Unavailable
from integrations.mongo.failures import duplicates_in, store_failures

NO_SPACE = "28: No space left on device"


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OperationFailure("Can't take a write lock while out of disk space", 14031), StorageFull),
        (OperationFailure(NO_SPACE, 8), StorageFull),
        (OperationFailure("Disk quota exceeded", 1), StorageFull),
        (WriteConcernError("out of disk space", 14031), StorageFull),
        (BulkWriteError({"writeErrors": [{"index": 0, "code": 14031, "errmsg": ""}]}), StorageFull),
        (BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 8, "errmsg": NO_SPACE}]}), StorageFull),
        (OperationFailure("internal server error", 1), Unavailable),
        (OperationFailure("not primary", 10107), Unavailable),
        (AutoReconnect("connection closed"), Unavailable),
        (DuplicateKeyError("E11000", 11000, {"keyPattern": {"phone": 1}}), Conflict),
    ],
)
def test_an_error_of_the_driver_has_one_meaning(error: PyMongoError, meaning: type[DomainError]) -> None:
    with pytest.raises(DomainError) as raised, store_failures():
        raise error

    assert type(raised.value) is meaning


@pytest.mark.parametrize(
    "error",
    [
        OperationFailure("unknown operator: $typo", 2),
        BulkWriteError({"writeErrors": [{"index": 0, "code": 11000, "errmsg": ""}]}),
    ],
)
def test_an_error_of_ours_or_of_single_documents_is_left_to_the_caller(error: PyMongoError) -> None:
    with pytest.raises(type(error)), store_failures():
        raise error


def test_an_internal_error_of_the_server_is_logged_because_it_may_be_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable), store_failures():
        raise OperationFailure("internal server error", 1, {"errmsg": "internal server error"})

    assert [record.message for record in caplog.records] == ["mongodb.internal_error"]


DUPLICATE = {"index": 1, "code": 11000, "errmsg": ""}


async def _failing(**details: object) -> None:
    raise BulkWriteError({"writeErrors": [], "writeConcernErrors": [], **details})


async def test_duplicates_of_a_bulk_are_told_from_other_problems() -> None:
    assert await duplicates_in(_failing(writeErrors=[DUPLICATE, {**DUPLICATE, "index": 3}])) == [1, 3]

    with pytest.raises(BulkWriteError):
        await duplicates_in(_failing(writeErrors=[DUPLICATE, {"index": 2, "code": 121, "errmsg": ""}]))


async def test_a_bulk_with_duplicates_that_is_not_durable_has_failed() -> None:
    problems = [{"code": 91, "errmsg": "shutdown in progress"}]

    with pytest.raises(Unavailable), store_failures():
        await duplicates_in(_failing(writeErrors=[DUPLICATE], writeConcernErrors=problems))
