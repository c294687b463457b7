"""Customers of contracts: the record of a contract drafted without one, and its data from a signed contract."""

from typing import Final

from domain.customers.customer_by_phone import CustomerByPhone
from domain.customers.errors import CustomerNotFound
from domain.customers.ports import ContractBook, ContractParty
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.model import Model

CONTRACT: Final = "contract"
"""The actor of customers made of contracts. Staff get no notification of them, since the contract has its own."""
_MAKING: Final = SYSTEM.model_copy(update={"id": CONTRACT, "name": "合同", "action": "customer.of-contract"})


class NamedCustomer(Model):
    customer_id: str
    is_new: bool
    """The contract has it only now."""


class ContractCustomers:
    def __init__(
        self,
        customers: CustomerUnitOfWork,
        by_phone: CustomerByPhone,
        contracts: ContractBook,
        *,
        replaces_missing: bool = False,
    ) -> None:
        """`replaces_missing`: a customer that a contract names and that does not exist counts as none. The former
        system wrote invented references; ours names deleted customers, which nothing may bring back."""
        self._customers = customers
        self._by_phone = by_phone
        self._contracts = contracts
        self._replaces_missing = replaces_missing

    async def customer_of(self, contract_id: str) -> NamedCustomer | None:
        """The contract's customer. A housekeeping contract without one gets the customer with its phone, or a new one,
        which belongs to the contract's owner. None for a training order: students are no customers. Idempotent."""
        contract = await self._contracts.find(contract_id)
        if contract is None:
            return None
        if contract.customer_id and not (self._replaces_missing and await self._is_missing(contract.customer_id)):
            return NamedCustomer(customer_id=contract.customer_id, is_new=False)
        if contract.is_training or not contract.phone:
            return None
        customer = await self._by_phone.find_or_add(
            contract.phone,
            {**party_values(contract), "service_category": contract.service_category},
            contract.owner_id,
            _MAKING,
            assigned_by=contract.owner_id,  # an own entry, which no first response is due for
        )
        named = await self._contracts.name_customer(contract_id, customer.id, contract.customer_id)
        return NamedCustomer(customer_id=named, is_new=True) if named else None

    async def _is_missing(self, customer_id: str) -> bool:
        try:
            await self._customers.find(customer_id)
        except CustomerNotFound:
            return True
        return False

    async def signed_data(self, contract_id: str) -> ContractParty | None:
        """The contract, if it is the one that its customer signed last: of others nothing is taken over."""
        signed = await self._contracts.find(contract_id)
        if signed is None or not signed.customer_id or signed.signed_at is None:
            return None
        newest = await self._contracts.newest_signed(signed.customer_id)
        return signed if newest is not None and newest.id == contract_id else None


def party_values(contract: ContractParty) -> dict[str, str]:
    """Fields of a customer, without blank ones."""
    values = contract.model_dump(include={"name", "phone", "id_card_number", "address"})
    return {name: value for name, value in values.items() if value}
