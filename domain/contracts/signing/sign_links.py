"""Links to sign: asked for when somebody wants to sign, since they live for half an hour only, and never stored."""

from domain.contracts.errors import LinksNotReady, NoSuchSigner, NotSignedYet
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
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
    """Empty when there is nothing to sign (any more)."""


class SignLinks:
    def __init__(self, provider: SigningProvider, sync: ProviderSync) -> None:
        self._provider = provider
        self._sync = sync

    async def of(self, contract: Contract) -> list[SignLink]:
        """One for each person who signs, as they stand now. Raises NotSignedYet, LinksNotReady, and as the provider."""
        if not contract.signers:
            raise NotSignedYet
        if contract.contract_status is ContractStatus.SIGNING and not _is_sent(contract):
            self._sync.request_sync(contract.id)
            raise LinksNotReady
        links: dict[str, str] = {}
        states: dict[str, SignerState] = {}
        voiding = contract.closure is not None and contract.closure.kind == "void" and contract.closure.accepted
        if contract.contract_status is ContractStatus.SIGNING or voiding:
            seen = await self._provider.state_of(contract.esign_contract_no)
            links = {signer.account: signer.link for signer in seen.signers}
            states = {signer.account: signer.state for signer in seen.signers}
            if any(states.get(signer.account, signer.state) is not signer.state for signer in contract.signers):
                self._sync.request_sync(contract.id)  # somebody has signed, and nobody told us yet
        return [
            SignLink(
                role=signer.role,
                name=signer.name,
                phone=signer.phone,
                account=signer.account,
                state=states.get(signer.account, signer.state),
                sign_order=signer.sign_order,
                # Whoever is to sign that the contract is void has signed the contract itself.
                sign_url=links.get(signer.account, "")
                if voiding or states.get(signer.account) is SignerState.SIGNING
                else "",
            )
            for signer in contract.signers
            if not signer.auto
        ]

    async def for_role(self, contract: Contract, role: SignerRole) -> SignLink:
        for link in await self.of(contract):
            if link.role is role:
                return link
        raise NoSuchSigner


def _is_sent(contract: Contract) -> bool:
    return contract.esign_attempt is not None and contract.esign_attempt.sent
