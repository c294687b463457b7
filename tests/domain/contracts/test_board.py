"""The board in memory says what the contracts say, in whatever order it hears of them."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contracts.board.board import ContractBoard
from domain.contracts.board.card import ContractCard, card_of
from domain.contracts.board.filter import ContractFilter
from domain.contracts.data_scope import EVERYTHING, DataScope
from domain.contracts.statuses import ContractStatus, ContractType, OrderCategory
from domain.shared.actor import SYSTEM
from domain.shared.business_day import business_day
from domain.shared.paging import PageRequest, PageTooDeep
from tests.domain.contracts.builders import NOW, a_contract, active, id_card, signing
from tests.domain.contracts.fakes import ContractsHarness
from tests.domain.contracts.stories import ACTOR, BOSS

S = ContractStatus
TODAY = business_day(NOW)
OWNERS = ("1" * 24, "2" * 24)


def a_card(number: int = 1, **fields: Any) -> ContractCard:
    return card_of(a_contract(number)).model_copy(update={"version": 1, **fields})


cards = st.builds(
    a_card,
    st.integers(1, 12),
    version=st.integers(1, 4),
    contract_status=st.sampled_from(list(S)),
    owner_id=st.sampled_from(OWNERS),
    order_category=st.sampled_from(list(OrderCategory)),
    contract_type=st.sampled_from([None, ContractType.CLEANING]),
    is_latest=st.booleans(),
    is_deleted=st.booleans(),
    end_date=st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=40)) | st.none(),
)
filters = st.builds(
    ContractFilter,
    status=st.none() | st.sampled_from(list(S)),
    order_category=st.none() | st.sampled_from(list(OrderCategory)),
    latest_only=st.booleans(),
    owner_id=st.sampled_from(["", *OWNERS]),
    service_expired=st.booleans(),
    ending_until=st.none() | st.just(TODAY + timedelta(days=30)),
    created_from=st.none() | st.dates(TODAY, TODAY + timedelta(days=12)),
    created_to=st.none() | st.dates(TODAY, TODAY + timedelta(days=12)),
    scope=st.sampled_from([EVERYTHING, *(DataScope(owner_id=owner) for owner in OWNERS)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(cards, max_size=30), filters, st.randoms(use_true_random=False))
def test_it_finds_what_a_look_at_every_contract_finds(
    told: list[ContractCard], wanted: ContractFilter, shuffle: random.Random
) -> None:
    # A contract is made once, on a day of its own; two cards of one version are the same card.
    first = {(card.id, card.version): card for card in reversed(told)}
    told = [
        first[card.id, card.version].model_copy(update={"created_at": NOW + timedelta(days=int(card.id, 16) // 2)})
        for card in told
    ]
    told.sort(key=lambda card: card.version)
    newest = {card.id: card for card in told}
    gone = {card.id for card in told if card.is_deleted}
    told = [card for card in told if card.id not in gone or card is newest[card.id] or not card.is_deleted]
    board = ContractBoard()
    shuffle.shuffle(told)
    half = len(told) // 2

    for card in told[:half]:
        board.apply(card)
    board.load(told[half:])
    board.load(told)

    there = [card for card in newest.values() if not card.is_deleted]
    expected = [card for card in there if _matches(card, wanted)]
    expected.sort(key=lambda card: (card.created_at, card.id), reverse=True)
    assert board.find(wanted, TODAY) == [card.id for card in expected]
    assert board.newest(wanted, TODAY, 3) == expected[:3]
    assert len(board) == len(there)
    visible = [card for card in there if wanted.scope.covers(card.owner_id)]
    assert board.counts(wanted.scope) == {status: sum(c.contract_status is status for c in visible) for status in S}
    assert board.totals(wanted, TODAY).total == len(expected)


def _matches(card: ContractCard, wanted: ContractFilter) -> bool:
    """Written apart from the code under test."""
    made, over = business_day(card.created_at), card.end_date is not None and card.end_date < TODAY
    refusals = [
        wanted.status is not None and card.contract_status != wanted.status,
        wanted.order_category is not None and card.order_category != wanted.order_category,
        wanted.latest_only and not card.is_latest,
        bool(wanted.owner_id) and card.owner_id != wanted.owner_id,
        wanted.service_expired and not (card.contract_status == "active" and over),
        wanted.ending_until is not None
        and not (card.contract_status == "active" and card.end_date and TODAY <= card.end_date <= wanted.ending_until),
        wanted.created_from is not None and made < wanted.created_from,
        wanted.created_to is not None and made > wanted.created_to,
        bool(wanted.scope.owner_id) and card.owner_id != wanted.scope.owner_id,
    ]
    return not any(refusals)


def test_late_and_repeated_cards_are_no_news() -> None:
    board = ContractBoard()

    news = [board.apply(a_card(version=version)) for version in (2, 2, 1, 3)]

    assert news == [True, False, False, True]


def test_what_was_deleted_does_not_come_back_by_an_older_card() -> None:
    board = ContractBoard()
    board.apply(a_card(version=3, is_deleted=True))

    board.apply(a_card(version=2))

    assert (len(board), board.card(a_card().id)) == (0, None)


def test_no_card_tells_a_phone_or_card_number() -> None:
    contract = active()

    told = card_of(contract).model_dump_json()

    for number in (contract.customer_phone, contract.worker_phone, contract.customer_id_card, contract.worker_id_card):
        assert number not in told


# Reading


async def test_a_page_is_the_newest_first_and_within_the_scope(harness: ContractsHarness) -> None:
    for number in range(1, 8):
        made: dict[str, Any] = {"created_at": NOW + timedelta(hours=number), "created_by": OWNERS[number % 2]}
        await harness.add(a_contract(number, **made))
    reading = harness.services.queries

    everything = [await reading.page(ContractFilter(), "", PageRequest(page=n, page_size=3)) for n in (1, 2, 3)]
    own = await reading.page(ContractFilter(scope=DataScope(owner_id=OWNERS[0])), "", PageRequest())
    found = await reading.page(ContractFilter(), "13800000003", PageRequest())
    with pytest.raises(PageTooDeep):
        await reading.page(ContractFilter(), "", PageRequest(page=1001, page_size=10))

    assert [int(c.id, 16) for page in everything for c in page.list] == [7, 6, 5, 4, 3, 2, 1]
    assert [int(c.id, 16) for c in own.list] == [6, 4, 2]
    assert ([int(c.id, 16) for c in found.list], found.total) == ([3], 1)


async def test_the_board_has_a_column_for_each_status_and_follows_what_happens(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    await harness.add(signing(2))
    await harness.add(active(3, start_date=date(2026, 1, 1), end_date=TODAY - timedelta(days=1)))
    await harness.add(active(4, end_date=TODAY + timedelta(days=7)))
    reading = harness.services.queries

    view = await reading.board(ContractFilter())
    await harness.services.signing.discard(f"{1:024x}", "", BOSS, ACTOR)
    after = await reading.board(ContractFilter())
    searched = await reading.board(ContractFilter(), "13800000002")

    counts = {column.status: column.count for column in view.columns}
    assert {status: count for status, count in counts.items() if count} == {S.DRAFT: 1, S.SIGNING: 1, S.ACTIVE: 2}
    assert set(counts) == set(S)
    assert (view.service_expired, view.ending_soon) == (1, 1)
    assert {c.status for c in after.columns if c.count} == {S.CANCELLED, S.SIGNING, S.ACTIVE}
    assert {c.status for c in searched.columns if c.count} == {S.SIGNING}


async def test_totals_count_the_newest_by_kind_month_and_year(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    await harness.add(a_contract(2, contract_type=ContractType.CLEANING, created_at=NOW - timedelta(days=40)))
    await harness.add(a_contract(3, created_at=NOW - timedelta(days=400)))
    await harness.add(a_contract(4, is_latest=False))

    totals = await harness.services.queries.totals(EVERYTHING)

    assert (totals.total, totals.this_month, totals.this_year) == (3, 1, 2)
    assert totals.by_contract_type == {"月嫂": 2, "保洁": 1}


async def test_a_customers_workers_are_computed_from_the_contracts(harness: ContractsHarness) -> None:
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

    spells = await harness.services.queries.worker_tenures(first.customer_phone, EVERYTHING)

    assert [(spell.order, spell.contract.worker_name, spell.is_replaced) for spell in spells] == [
        (1, "赵阿姨", True),
        (2, "钱嫂", False),
    ]
    assert (spells[0].actual_end_date, spells[0].service_days) == (date(2026, 4, 1), 90)
    assert (spells[1].actual_end_date, spells[1].service_days) == (date(2026, 10, 31), 30)  # until today


async def test_a_worker_is_looked_for_by_what_is_most_particular(harness: ContractsHarness) -> None:
    one = await harness.add(active(1))
    await harness.add(active(2, worker_name="赵阿姨"))
    search = harness.services.queries.search_worker

    by_card = await search("", id_card(1, "19751111"), "", EVERYTHING)
    by_phone = await search("赵", "", one.worker_phone, EVERYTHING)
    by_name = await search("赵阿姨", "", "", EVERYTHING)
    others = await search("赵阿姨", "", "", DataScope(owner_id="9" * 24))

    assert [c.id for c in by_card] == [c.id for c in by_phone] == [one.id]
    assert (len(by_name), others) == (2, [])


async def test_who_saw_which_number_is_written_down_before_it_is_shown(harness: ContractsHarness) -> None:
    contract = await harness.add(active(1))

    shown = await harness.services.queries.reveal(contract.id, ["customerIdCard"], "办理保险", EVERYTHING, SYSTEM)

    (row,) = harness.auditor.rows
    assert shown.customer_id_card == contract.customer_id_card
    assert "customerIdCard" in row.model_dump_json()
    assert contract.customer_id_card not in row.model_dump_json()
