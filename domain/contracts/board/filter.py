"""The filter of contract lists and boards, and the totals over it."""

from datetime import date

from domain.contracts.board.card import ContractCard
from domain.contracts.statuses import ContractStatus, ContractType, OrderCategory
from domain.shared.model import Model
from domain.shared.scope import EVERYTHING, Scope


class ContractFilter(Model):
    """Empty fields do not restrict the result."""

    status: ContractStatus | None = None
    order_category: OrderCategory | None = None
    contract_type: ContractType | None = None
    latest_only: bool = False
    owner_id: str = ""
    service_expired: bool = False
    ending_until: date | None = None
    created_from: date | None = None
    created_to: date | None = None
    scope: Scope = EVERYTHING

    def admits(self, card: ContractCard, today: date) -> bool:
        return (
            (self.status is None or card.contract_status is self.status)
            and (self.order_category is None or card.order_category is self.order_category)
            and (self.contract_type is None or card.contract_type is self.contract_type)
            and (card.is_latest or not self.latest_only)
            and (not self.owner_id or card.owner_id == self.owner_id)
            and (not self.service_expired or card.is_service_expired(today))
            and (self.ending_until is None or self._ends_soon(card, today))
            and self.scope.covers(card.owner_id)
        )

    def _ends_soon(self, card: ContractCard, today: date) -> bool:
        ends, until = card.end_date, self.ending_until
        in_force = card.contract_status is ContractStatus.ACTIVE
        return in_force and ends is not None and until is not None and today <= ends <= until


class ContractTotals(Model):
    """Totals in the form that legacy clients read."""

    total: int
    by_contract_type: dict[str, int]
    this_month: int
    this_year: int
