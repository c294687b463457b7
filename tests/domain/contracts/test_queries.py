"""Lists, the board, totals, worker searches and worker tenures, within the data scope."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.contracts.board.filter import ContractFilter
from domain.contracts.queries import MAX_FOUND_BY_NAME
from domain.contracts.statuses import ContractStatus, ContractType
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.business_day import business_day
from domain.shared.paging import PageRequest, PageTooDeep
from domain.shared.scope import EVERYTHING, Resource, Scope, scope_of
from tests.domain.contracts.builders import NOW, a_contract, active, id_card, signing, staff
from tests.domain.contracts.harness import ContractsHarness, contracts_harness
from tests.domain.contracts.scenarios import ACTOR, BOSS

S = ContractStatus
TODAY = business_day(NOW)
OWNERS = ("1" * 24, "2" * 24)


async def test_a_page_lists_the_newest_contracts_within_the_scope(harness: ContractsHarness) -> None:
    for number in range(1, 8):
        made: dict[str, Any] = {"created_at": NOW + timedelta(hours=number), "created_by": OWNERS[number % 2]}
        await harness.add(a_contract(number, **made))
    queries = harness.services.queries

    everything = [await queries.page(ContractFilter(), "", PageRequest(page=n, page_size=3)) for n in (1, 2, 3)]
    own = await queries.page(ContractFilter(scope=Scope.of(OWNERS[0])), "", PageRequest())
    found = await queries.page(ContractFilter(), "13800000003", PageRequest())
    with pytest.raises(PageTooDeep):
        await queries.page(ContractFilter(), "", PageRequest(page=1001, page_size=10))

    assert [int(c.id, 16) for page in everything for c in page.list] == [7, 6, 5, 4, 3, 2, 1]
    assert [int(c.id, 16) for c in own.list] == [6, 4, 2]
    assert ([int(c.id, 16) for c in found.list], found.total) == ([3], 1)


async def test_the_board_has_a_column_for_each_status_and_follows_changes(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    await harness.add(signing(2))
    await harness.add(active(3, start_date=date(2026, 1, 1), end_date=TODAY - timedelta(days=1)))
    await harness.add(active(4, end_date=TODAY + timedelta(days=7)))
    queries = harness.services.queries

    view = await queries.board(ContractFilter())
    await harness.services.signing.discard(f"{1:024x}", "", BOSS, ACTOR)
    after = await queries.board(ContractFilter())
    searched = await queries.board(ContractFilter(), "13800000002")

    counts = {column.status: column.count for column in view.columns}
    assert {status: count for status, count in counts.items() if count} == {S.DRAFT: 1, S.SIGNING: 1, S.ACTIVE: 2}
    assert set(counts) == set(S)
    assert (view.service_expired, view.ending_soon) == (1, 1)
    assert {c.status for c in after.columns if c.count} == {S.CANCELLED, S.SIGNING, S.ACTIVE}
    assert {c.status for c in searched.columns if c.count} == {S.SIGNING}


async def test_totals_count_the_latest_contracts_by_type_month_and_year(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    await harness.add(a_contract(2, contract_type=ContractType.CLEANING, created_at=NOW - timedelta(days=40)))
    await harness.add(a_contract(3, created_at=NOW - timedelta(days=400)))
    await harness.add(a_contract(4, is_latest=False))

    totals = await harness.services.queries.totals(EVERYTHING)

    assert (totals.total, totals.this_month, totals.this_year) == (3, 1, 2)
    assert totals.by_contract_type == {"月嫂": 2, "保洁": 1}


async def test_worker_tenures_of_a_customer_are_computed_from_the_contracts(harness: ContractsHarness) -> None:
    first = await harness.add(
        active(1, start_date=date(2026, 1, 1), end_date=date(2026, 12, 31)).with_fields(
            contract_status=S.REPLACED, replaced_by_contract_id=f"{2:024x}", service_days=90, is_latest=False
        )
    )
    await harness.add(
        active(2, customer_phone=first.customer_phone, worker_name="钱嫂", start_date=date(2026, 4, 1)).with_fields(
            change_date=date(2026, 4, 1)
        )
    )
    await harness.add(signing(3, customer_phone=first.customer_phone))

    tenures = await harness.services.queries.worker_tenures(first.customer_phone, EVERYTHING)

    assert [(tenure.order, tenure.contract.worker_name, tenure.is_replaced) for tenure in tenures] == [
        (1, "赵阿姨", True),
        (2, "钱嫂", False),
    ]
    assert (tenures[0].actual_end_date, tenures[0].service_days) == (date(2026, 4, 1), 90)
    assert (tenures[1].actual_end_date, tenures[1].service_days) == (date(2026, 10, 31), 30)  # counted until today


async def test_a_worker_search_uses_the_most_specific_argument(harness: ContractsHarness) -> None:
    one = await harness.add(active(1))
    await harness.add(active(2, worker_name="赵阿姨"))
    search = harness.services.queries.search_worker

    by_card = await search("", id_card(1, "19751111"), "", EVERYTHING)
    by_phone = await search("赵", "", one.worker_phone, EVERYTHING)
    by_name = await search("赵阿姨", "", "", EVERYTHING)
    others = await search("赵阿姨", "", "", Scope.of("9" * 24))

    assert [c.id for c in by_card] == [c.id for c in by_phone] == [one.id]
    assert (len(by_name), others) == (2, [])


async def test_revealing_a_number_writes_an_audit_row_first(harness: ContractsHarness) -> None:
    contract = await harness.add(active(1))

    shown = await harness.services.queries.reveal(contract.id, ["customerIdCard"], "办理保险", EVERYTHING, SYSTEM)

    (row,) = harness.auditor.rows
    assert shown.customer_id_card == contract.customer_id_card
    assert "customerIdCard" in row.model_dump_json()
    assert contract.customer_id_card not in row.model_dump_json()


async def harness_with(count: int) -> ContractsHarness:
    """Contracts with the same worker name, each created a minute after the previous one."""
    harness = contracts_harness()
    for number in range(1, count + 1):
        made: dict[str, Any] = {"created_at": NOW + timedelta(minutes=number), "additional_order": True}
        await harness.add(a_contract(number, worker_name="赵阿姨", **made))
    await harness.add(a_contract(900, worker_name="钱阿姨", customer_name="赵阿姨", additional_order=True))
    return harness


async def test_a_common_name_finds_the_newest_contracts_of_workers_with_that_name() -> None:
    harness = await harness_with(MAX_FOUND_BY_NAME + 10)

    found = await harness.services.queries.search_worker("赵阿姨", "", "", EVERYTHING)

    assert len(found) == MAX_FOUND_BY_NAME
    assert [contract.created_at for contract in found] == sorted((each.created_at for each in found), reverse=True)
    assert {contract.worker_name for contract in found} == {"赵阿姨"}


async def test_a_phone_or_card_number_finds_exactly_its_worker() -> None:
    harness = await harness_with(3)
    queries = harness.services.queries

    by_phone = await queries.search_worker("赵阿姨", "", "13900000002", EVERYTHING)
    by_card = await queries.search_worker("", id_card(3, "19751111"), "", EVERYTHING)

    assert [contract.worker_phone for contract in by_phone] == ["13900000002"]
    assert [contract.worker_phone for contract in by_card] == ["13900000003"]


async def test_an_empty_search_and_contracts_outside_of_the_scope_find_nothing() -> None:
    harness = await harness_with(3)
    stranger = scope_of(staff(Role.EMPLOYEE, "7" * 24), Resource.CONTRACT)

    assert await harness.services.queries.search_worker("", "", "", EVERYTHING) == []
    assert await harness.services.queries.search_worker("赵阿姨", "", "", stranger) == []
