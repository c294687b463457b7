"""Signers as responses show them: their state and their sign links."""

from domain.contracts.model import Contract
from domain.contracts.signing.model import Signer
from domain.contracts.signing.sign_links import SignLink
from domain.contracts.statuses import ROLE_LABELS, SIGNER_LABELS, ContractStatus, SignerRole, SignerState
from domain.shared.masking import mask_phone
from domain.shared.model import Instant, Model
from domain.shared.text import Language
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import contracts_of


class SignerAnswer(Model):
    """Holds the fields of legacy clients (`signStatusText`, `isSigned` …) beside `state`."""

    account: str
    name: str
    role: SignerRole
    role_text: str
    phone: str | None
    sign_order: int
    auto: bool
    state: SignerState
    sign_status_text: str
    sign_time: Instant | None
    is_signed: bool
    is_pending: bool
    is_rejected: bool

    @classmethod
    def of(cls, signer: Signer, language: Language) -> "SignerAnswer":
        return cls(
            account=signer.account,
            name=signer.name,
            role=signer.role,
            role_text=ROLE_LABELS[signer.role].in_language(language),
            phone=shown_phone(signer.phone) or None,
            sign_order=signer.sign_order,
            auto=signer.auto,
            state=signer.state,
            sign_status_text=SIGNER_LABELS[signer.state].in_language(language),
            sign_time=signer.signed_at,
            is_signed=signer.state is SignerState.SIGNED,
            is_pending=signer.state in (SignerState.WAITING, SignerState.SIGNING),
            is_rejected=signer.state is SignerState.REJECTED,
        )


class LinkAnswer(Model):
    role: SignerRole
    role_text: str
    name: str
    mobile: str
    account: str
    sign_order: int
    state: SignerState
    sign_url: str | None

    @classmethod
    def of(cls, link: SignLink, language: Language) -> "LinkAnswer":
        return cls(
            role=link.role,
            role_text=ROLE_LABELS[link.role].in_language(language),
            name=link.name,
            mobile=shown_phone(link.phone),
            account=link.account,
            sign_order=link.sign_order,
            state=link.state,
            sign_url=link.sign_url or None,
        )


class SignersAnswer(Model):
    """The signers of the running process: during a voiding, whether each has signed the voiding."""

    contract_no: str | None
    contract_status: ContractStatus
    esign_status: str | None
    signers: list[SignerAnswer]
    total_signers: int
    signed_count: int
    pending_count: int
    rejected_count: int
    all_signed: bool


class LinksAnswer(Model):
    contract_no: str
    sign_urls: list[LinkAnswer]


def signers_answer(context: RequestContext, contract: Contract) -> SignersAnswer:
    signers = [SignerAnswer.of(signer, context.language) for signer in contract.progress]
    return SignersAnswer(
        contract_no=contract.esign_contract_no or None,
        contract_status=contract.contract_status,
        esign_status=contract.esign_status or None,
        signers=signers,
        total_signers=len(signers),
        signed_count=sum(signer.is_signed for signer in signers),
        pending_count=sum(signer.is_pending for signer in signers),
        rejected_count=sum(signer.is_rejected for signer in signers),
        all_signed=bool(signers) and all(signer.state is SignerState.SIGNED for signer in signers),
    )


async def links_answer(context: RequestContext, contract: Contract) -> LinksAnswer:
    links = await contracts_of(context).signing.links.of_contract(contract)
    return LinksAnswer(
        contract_no=contract.esign_contract_no, sign_urls=[LinkAnswer.of(link, context.language) for link in links]
    )


def shown_phone(phone: str) -> str:
    return mask_phone(phone) if phone else ""
