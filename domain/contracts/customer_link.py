"""Names the customer record of a contract that was drafted without one. The customers area finds or makes it."""

from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import SYSTEM


class CustomerLink:
    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def name(self, contract_id: str, customer_id: str, instead_of: str = "") -> str:
        """The contract's customer: one that it has already stays, unless it is `instead_of`. Neither the terms that the
        parties sign nor the edited version change. Raises ContractNotFound."""
        contract = await self._contracts.change(
            contract_id,
            lambda each, now: each if each.customer_id != instead_of else each.with_fields(customer_id=customer_id),
            SYSTEM,
        )
        return contract.customer_id
