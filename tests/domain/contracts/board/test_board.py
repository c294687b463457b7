"""The in-memory board shows the newest card of each contract, in whatever order the cards arrive."""

import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contracts.board.board import ContractBoard
from domain.contracts.board.card import ContractCard, card_of
from domain.contracts.board.filter import ContractFilter
from domain.contracts.statuses import ContractStatus, ContractType, OrderCategory
from domain.shared.business_day import business_day
from domain.shared.scope import EVERYTHING, Scope
from tests.domain.contracts.builders import NOW, a_contract, active

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
    scope=st.sampled_from([EVERYTHING, *(Scope.of(owner) for owner in OWNERS)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(cards, max_size=30), filters, st.randoms(use_true_random=False))
def test_the_board_finds_what_a_scan_of_all_contracts_finds(
    received: list[ContractCard], wanted: ContractFilter, shuffle: random.Random
) -> None:
    # Each contract has one creation day, and cards with the same version are equal.
    first = {(card.id, card.version): card for card in reversed(received)}
    received = [
        first[card.id, card.version].model_copy(update={"created_at": NOW + timedelta(days=int(card.id, 16) // 2)})
        for card in received
    ]
    received.sort(key=lambda card: card.version)
    newest = {card.id: card for card in received}
    deleted = {card.id for card in received if card.is_deleted}
    received = [card for card in received if card.id not in deleted or card is newest[card.id] or not card.is_deleted]
    board = ContractBoard()
    shuffle.shuffle(received)
    half = len(received) // 2

    for card in received[:half]:
        board.apply(card)
    board.load(received[half:])
    board.load(received)

    present = [card for card in newest.values() if not card.is_deleted]
    expected = [card for card in present if _matches(card, wanted)]
    expected.sort(key=lambda card: (card.created_at, card.id), reverse=True)
    assert board.find(wanted, TODAY) == [card.id for card in expected]
    assert board.newest(wanted, TODAY, 3) == expected[:3]
    assert len(board) == len(present)
    visible = [card for card in present if wanted.scope.covers(card.owner_id)]
    assert board.counts(wanted.scope) == {status: sum(c.contract_status is status for c in visible) for status in S}
    assert board.totals(wanted, TODAY).total == len(expected)


def _matches(card: ContractCard, wanted: ContractFilter) -> bool:
    """An independent implementation of the filter."""
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
        wanted.scope.people is not None and card.owner_id not in wanted.scope.people,
    ]
    return not any(refusals)


def test_late_and_repeated_cards_change_nothing() -> None:
    board = ContractBoard()

    applied = [board.apply(a_card(version=version)) for version in (2, 2, 1, 3)]

    assert applied == [True, False, False, True]


def test_an_older_card_does_not_restore_a_deleted_contract() -> None:
    board = ContractBoard()
    board.apply(a_card(version=3, is_deleted=True))

    board.apply(a_card(version=2))

    assert (len(board), board.card(a_card().id)) == (0, None)


def test_a_card_contains_no_phone_and_no_card_number() -> None:
    contract = active()

    card = card_of(contract).model_dump_json()

    for number in (contract.customer_phone, contract.worker_phone, contract.customer_id_card, contract.worker_id_card):
        assert number not in card
