"""The workers that a customer has had (换人历史), computed from the customer's contracts."""

from collections.abc import Sequence
from datetime import date

from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, OrderCategory
from domain.shared.model import Model


class WorkerTenure(Model):
    """The time of one worker with a customer (第几任)."""

    contract: Contract
    order: int
    actual_end_date: date | None
    service_days: int
    is_replaced: bool


def worker_tenures(contracts: Sequence[Contract], today: date) -> list[WorkerTenure]:
    """The tenures of the housekeeping contracts that are or were in force, oldest first."""
    found = [
        contract
        for contract in contracts
        if contract.contract_status in (ContractStatus.ACTIVE, ContractStatus.REPLACED)
        and contract.order_category is OrderCategory.HOUSEKEEPING
    ]
    found.sort(key=lambda contract: (contract.start_date or date.min, contract.created_at))
    return [_tenure(contract, order, found, today) for order, contract in enumerate(found, start=1)]


def _tenure(contract: Contract, order: int, contracts: Sequence[Contract], today: date) -> WorkerTenure:
    replaced = contract.contract_status is ContractStatus.REPLACED
    end = contract.end_date
    if replaced:
        successor = next((each for each in contracts if each.id == contract.replaced_by_contract_id), None)
        end = (successor.change_date or successor.start_date) if successor else end
    days = contract.service_days
    if days is None:
        until = min(end, today) if end and not replaced else end
        days = max(0, (until - contract.start_date).days) if until and contract.start_date else 0
    return WorkerTenure(contract=contract, order=order, actual_end_date=end, service_days=days, is_replaced=replaced)
