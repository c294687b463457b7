"""Looking for a worker's contracts by whatever is known of them."""

from datetime import timedelta
from typing import Any

from domain.contracts.data_scope import EVERYTHING, scope_of
from domain.contracts.queries import MAX_FOUND_BY_NAME
from domain.shared.authority import Role
from tests.domain.contracts.builders import NOW, a_contract, id_card, staff
from tests.domain.contracts.fakes import ContractsHarness, contracts_harness


async def office_with(count: int) -> ContractsHarness:
    """Each contract a minute younger than the one before; all with the same worker's name."""
    harness = contracts_harness()
    for number in range(1, count + 1):
        made: dict[str, Any] = {"created_at": NOW + timedelta(minutes=number), "additional_order": True}
        await harness.add(a_contract(number, worker_name="赵阿姨", **made))
    await harness.add(a_contract(900, worker_name="钱阿姨", customer_name="赵阿姨", additional_order=True))
    return harness


async def test_a_name_that_many_bear_finds_the_newest_and_only_workers() -> None:
    harness = await office_with(MAX_FOUND_BY_NAME + 10)

    found = await harness.services.queries.search_worker("赵阿姨", "", "", EVERYTHING)

    assert len(found) == MAX_FOUND_BY_NAME
    assert [contract.created_at for contract in found] == sorted((each.created_at for each in found), reverse=True)
    assert {contract.worker_name for contract in found} == {"赵阿姨"}


async def test_a_phone_or_a_card_finds_exactly_theirs() -> None:
    harness = await office_with(3)
    reading = harness.services.queries

    by_phone = await reading.search_worker("赵阿姨", "", "13900000002", EVERYTHING)
    by_card = await reading.search_worker("", id_card(3, "19751111"), "", EVERYTHING)

    assert [contract.worker_phone for contract in by_phone] == ["13900000002"]
    assert [contract.worker_phone for contract in by_card] == ["13900000003"]


async def test_nothing_and_somebody_elses_find_nothing() -> None:
    harness = await office_with(3)
    stranger = scope_of(staff(Role.EMPLOYEE, "7" * 24))

    assert await harness.services.queries.search_worker("", "", "", EVERYTHING) == []
    assert await harness.services.queries.search_worker("赵阿姨", "", "", stranger) == []
