"""Use cases of customers and students for their own contracts in the mini-program."""

from domain.contracts.errors import ContractNotFound, TransitionNotAllowed
from domain.contracts.milestones import Payment, onboarding, paying
from domain.contracts.model import Contract
from domain.contracts.ports import ContractLookups, VerifiedPhones
from domain.contracts.signing.sign_links import SignLink, SignLinks
from domain.contracts.statuses import (
    ContractStatus,
    OrderCategory,
    SignerRole,
    SignerState,
)
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.errors import PermissionDenied
from domain.shared.text import Text

S = ContractStatus


class PhoneNotVerified(PermissionDenied):
    code = "PHONE_NOT_VERIFIED"
    text = Text("请先授权手机号", "Authorise your phone number first")


class CustomerContracts:
    """Every `phone` argument is verified: by WeChat, or by a trusted machine that names it."""

    def __init__(
        self, contracts: ContractUnitOfWork, lookups: ContractLookups, links: SignLinks, phones: VerifiedPhones
    ) -> None:
        self._contracts = contracts
        self._lookups = lookups
        self._links = links
        self._phones = phones

    async def verified_phone(self, user_id: str) -> str:
        """Raises PhoneNotVerified."""
        phone = await self._phones.phone_of(user_id)
        if not phone:
            raise PhoneNotVerified
        return phone

    async def list_of(self, phone: str, category: OrderCategory | None = None) -> list[Contract]:
        """The contracts of this customer without drafts, which only the agency sees."""
        found = await self._lookups.of_customer_phone(phone)
        return [
            contract
            for contract in found
            if contract.contract_status is not S.DRAFT and (category is None or contract.order_category is category)
        ]

    async def find(self, contract_id: str, phone: str) -> Contract:
        """Raises ContractNotFound, also for another customer's contract and for a draft."""
        contract = await self._contracts.find(contract_id)
        if not phone or contract.customer_phone != phone or contract.contract_status is S.DRAFT:
            raise ContractNotFound
        return contract

    async def sign_link(self, contract_id: str, phone: str) -> SignLink:
        """Raises ContractNotFound, TransitionNotAllowed, LinksNotReady, and the provider's errors."""
        contract = await self.find(contract_id, phone)
        if contract.contract_status is not S.SIGNING and contract.signed_snapshot is None:
            raise TransitionNotAllowed(current=str(contract.contract_status), requested="sign")
        return await self._links.for_role(contract, SignerRole.CUSTOMER)

    async def confirm_onboard(self, contract_id: str, phone: str, actor: Actor) -> Contract:
        """Confirm that the worker has started. Idempotent. Raises TransitionNotAllowed unless it is in force."""
        await self.find(contract_id, phone)

        return await self._contracts.change(contract_id, onboarding(phone, actor), actor)

    async def confirm_payment(self, contract_id: str, phone: str, payment: Payment, actor: Actor) -> Contract:
        """Record a payment. Idempotent for the same payment. Raises ContractNotFound, and the errors of `paying`."""
        await self.find(contract_id, phone)

        return await self._contracts.change(contract_id, paying(payment, actor), actor)


def has_signed(contract: Contract, role: SignerRole) -> bool:
    return any(signer.role is role and signer.state is SignerState.SIGNED for signer in contract.signers)
