"""The rule of the first order: a customer who has a contract gets a second one (一客两单) only on purpose."""

from collections.abc import Mapping
from typing import Any, Final

from domain.contracts.errors import ContractExists
from domain.contracts.model import OPEN_STATUSES, Contract
from domain.contracts.ports import ContractLookups
from domain.contracts.statuses import ContractStatus
from domain.contracts.terms import ContractTerms
from domain.shared.scope import Scope

_IDENTITY: Final = ("customer_phone", "customer_id_card")


class FirstOrders:
    def __init__(self, lookups: ContractLookups) -> None:
        self._lookups = lookups

    async def require_first(self, terms: ContractTerms, scope: Scope, own_id: str = "") -> None:
        """Raises ContractExists when the customer has another contract, by their phone or by their card number."""
        known = [
            *await self._lookups.of_customer_phone(terms.customer_phone),
            *await self._lookups.of_customer_id_card(terms.customer_id_card),
        ]
        for contract in known:
            if contract.contract_status in OPEN_STATUSES and not contract.is_training and contract.id != own_id:
                raise ContractExists(candidate=_candidate(contract, scope))

    async def require_still_first(self, contract: Contract, fields: Mapping[str, Any], scope: Scope) -> None:
        """The same for an edit that gives a first order another customer's phone or card number."""
        is_first_order = not contract.additional_order and not contract.is_training
        renamed = any(fields.get(name, "") not in ("", getattr(contract, name)) for name in _IDENTITY)
        if is_first_order and renamed:
            await self.require_first(contract.with_terms(fields), scope, contract.id)


def _candidate(contract: Contract, scope: Scope) -> dict[str, object]:
    """The candidate as staff see it. Outside of the scope only its status is shown."""
    shown: dict[str, object] = {"contractStatus": str(contract.contract_status), "isYours": False}
    if scope.covers(contract.created_by):
        shown |= {
            "id": contract.id,
            "contractNumber": contract.contract_number,
            "workerName": contract.worker_name,
            "startDate": contract.start_date.isoformat() if contract.start_date else None,
            "endDate": contract.end_date.isoformat() if contract.end_date else None,
            "canChangeWorker": contract.contract_status is ContractStatus.ACTIVE,
            "isYours": True,
        }
    return shown
