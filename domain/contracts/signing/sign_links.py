"""Sign links. They are valid for half an hour, so they are requested on demand and never stored."""

from domain.contracts.errors import LinksNotReady, NoSuchSigner, NotSignedYet
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.signing.model import merge_signers, merge_void_signers
from domain.contracts.signing.provider_sync import ProviderSync
from domain.contracts.statuses import ContractStatus, SignerRole, SignerState
from domain.shared.model import Model


class SignLink(Model):
    role: SignerRole
    name: str
    phone: str
    account: str
    state: SignerState
    sign_order: int
    sign_url: str = ""
    """Empty when this party has nothing to sign now."""


class SignLinks:
    def __init__(self, provider: SigningProvider, sync: ProviderSync) -> None:
        self._provider = provider
        self._sync = sync

    async def of_contract(self, contract: Contract) -> list[SignLink]:
        """One link for each signing person, with their current state.

        Raises NotSignedYet before signing has started, LinksNotReady, and the provider's errors.
        """
        if not contract.signers:
            raise NotSignedYet
        if contract.contract_status is ContractStatus.SIGNING and not contract.is_sent:
            self._sync.request_sync(contract.id)
            raise LinksNotReady
        links: dict[str, str] = {}
        signers = contract.progress
        voiding = contract.closure is not None and contract.closure.is_running_void
        if contract.contract_status is ContractStatus.SIGNING or voiding:
            seen = await self._provider.state_of(contract.esign_contract_no)
            links = {signer.account: signer.link for signer in seen.signers if signer.link}
            signers = (merge_void_signers if voiding else merge_signers)(signers, seen.signers)
            if signers != contract.progress:
                self._sync.request_sync(contract.id)  # a party has signed, and the callback has not arrived yet
        return [
            SignLink(
                role=signer.role,
                name=signer.name,
                phone=signer.phone,
                account=signer.account,
                state=signer.state,
                sign_order=signer.sign_order,
                sign_url=links.get(signer.account, "") if signer.state is SignerState.SIGNING else "",
            )
            for signer in signers
            if not signer.auto
        ]

    async def for_role(self, contract: Contract, role: SignerRole) -> SignLink:
        """Raises NoSuchSigner, and the errors of `of_contract`."""
        for link in await self.of_contract(contract):
            if link.role is role:
                return link
        raise NoSuchSigner
