"""The board: the cards of all contracts in the memory of each app process, so that lists and counts need no query.

`BoardProjection` fills it from the store and applies every event of the stream; the version of a card decides which of
two is newer. The board finds and counts contracts. Full contracts are read from the store. Ten thousand contracts need
about ten megabytes.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from domain.contracts.board.card import ContractCard
from domain.contracts.board.filter import ContractFilter, ContractTotals
from domain.contracts.statuses import ContractStatus
from domain.shared.business_day import business_day
from domain.shared.scope import Scope

_Key = tuple[float, str]


class ContractBoard:
    def __init__(self) -> None:
        self._cards: dict[str, ContractCard] = {}
        self._order: list[_Key] = []
        """Oldest first."""
        self.loaded = False

    def __len__(self) -> int:
        return len(self._order)

    def apply(self, card: ContractCard) -> bool:
        """True when the card is newer than the known one. Repeated and late cards change nothing."""
        known = self._cards.get(card.id)
        if known is not None and known.version >= card.version:
            return False
        # A deleted card stays as a tombstone: an older card of the same contract may still arrive.
        self._cards[card.id] = card
        if known is None and not card.is_deleted:
            insort(self._order, _key(card))
        elif known is not None and card.is_deleted and not known.is_deleted:
            self._order.remove(_key(card))
        return True

    def load(self, cards: Iterable[ContractCard]) -> None:
        """Apply the cards of the store. Newer cards that events brought meanwhile stay."""
        for card in cards:
            self.apply(card)
        self.loaded = True

    def card(self, contract_id: str) -> ContractCard | None:
        card = self._cards.get(contract_id)
        return None if card is None or card.is_deleted else card

    def find(self, wanted: ContractFilter, today: date) -> list[str]:
        """The ids of all matching contracts, newest first."""
        return [card.id for card in self._matching(wanted, today)]

    def newest(self, wanted: ContractFilter, today: date, most: int) -> list[ContractCard]:
        return list(islice(self._matching(wanted, today), most))

    def is_older(self, contract_id: str, than_id: str) -> bool:
        """True when the contract was created before the other one. False when one of them is unknown."""
        one, other = self._cards.get(contract_id), self._cards.get(than_id)
        return one is not None and other is not None and _key(one) < _key(other)

    def owners(self, scope: Scope) -> set[str]:
        """The staff ids that own a contract within the scope."""
        return {card.owner_id for card in self._visible(scope)}

    def counts(self, scope: Scope) -> dict[ContractStatus, int]:
        """The number of contracts by status; all statuses are present."""
        counted = Counter(card.contract_status for card in self._visible(scope))
        return {status: counted[status] for status in ContractStatus}

    def expired_services(self, scope: Scope, today: date) -> int:
        return sum(card.is_service_expired(today) for card in self._visible(scope))

    def totals(self, wanted: ContractFilter, today: date) -> ContractTotals:
        cards = list(self._matching(wanted, today))
        days = [business_day(card.created_at) for card in cards]
        return ContractTotals(
            total=len(cards),
            by_contract_type=dict(Counter(str(card.contract_type) for card in cards if card.contract_type)),
            this_month=sum((day.year, day.month) == (today.year, today.month) for day in days),
            this_year=sum(day.year == today.year for day in days),
        )

    def _matching(self, wanted: ContractFilter, today: date) -> Iterator[ContractCard]:
        for _, contract_id in reversed(self._order):
            card = self._cards[contract_id]
            if wanted.created_from is not None or wanted.created_to is not None:
                day = business_day(card.created_at)
                if wanted.created_from is not None and day < wanted.created_from:
                    return  # all further cards are older
                if wanted.created_to is not None and day > wanted.created_to:
                    continue
            if wanted.admits(card, today):
                yield card

    def _visible(self, scope: Scope) -> Iterator[ContractCard]:
        return (self._cards[key[1]] for key in self._order if scope.covers(self._cards[key[1]].owner_id))


def _key(card: ContractCard) -> _Key:
    return card.created_at.timestamp(), card.id
