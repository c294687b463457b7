"""爱签 as the signing provider. Every call is idempotent: the codes for \"already done\" count as success."""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import Template, TemplateSummary
from domain.contracts.ports import Received, SigningProvider
from domain.contracts.signing.model import VOID_DAYS, Party, ProviderState, Signers, SigningAttempt
from domain.contracts.statuses import SignerRole
from domain.shared.errors import UpstreamFailed
from integrations.esign import codes
from integrations.esign.codes import EsignRefused, domain_error_of
from integrations.esign.download import signed_pdf
from integrations.esign.http import EsignHttp
from integrations.esign.provider_state import deleted_state, provider_state_from
from integrations.esign.templates import filled_template, summary_of, template_of

PERSON: Final = 2
AUTOMATIC_SIGNATURE, PERSONAL_SIGNATURE = 2, 3
IN_SEQUENCE: Final = 2
BY_SMS: Final = 1
TEMPLATE_FIELD: Final = 4
VALID_DAYS: Final = 30
_SIGN_KEYS: Final = ("甲方", "乙方", "丙方")
_FORBIDDEN_IN_NAMES: Final = re.compile(r'[*":/\\<>?|\x00-\x1f\U00010000-\U0010ffff]')
_MALFORMED: Final = (KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class Agency:
    """The agency's account at the provider, which verified it once by hand."""

    name: str
    account: str
    seal_no: str


@dataclass(frozen=True)
class EsignUrls:
    """The address for callbacks, and the page that signers see afterwards (may be empty)."""

    notify_url: str
    redirect_url: str = ""


class EsignClient(SigningProvider):
    def __init__(self, http: EsignHttp, agency: Agency, urls: EsignUrls, account_key: bytes) -> None:
        """`account_key` derives account names from card numbers, irreversibly. It must never change."""
        self._http = http
        self._agency = agency
        self._urls = urls
        self._account_key = account_key
        self._seal_is_default = False

    def agency(self) -> Party:
        return Party(role=SignerRole.AGENCY, name=self._agency.name, auto=True)

    def account_of(self, party: Party) -> str:
        if party.role is SignerRole.AGENCY:
            return self._agency.account
        return "p" + hmac.digest(self._account_key, party.id_card.upper().encode(), hashlib.sha256).hex()[:30]

    async def register(self, party: Party) -> None:
        if party.auto:
            return  # the agency's account exists already
        person = {
            "account": self.account_of(party),
            "userType": PERSON,
            "name": party.name,
            "mobile": party.phone,
            "idCard": party.id_card,
            "isNotice": 0,
            "isSignPwdNotice": 0,
        }
        await self._call("/v2/user/addStranger", person, codes.USER_EXISTS)

    async def create(self, attempt: SigningAttempt, title: str, values: TemplateValues) -> None:
        name = _FORBIDDEN_IN_NAMES.sub("", title)[:120] or attempt.contract_no
        notify_url = self._urls.notify_url
        contract = {
            "contractNo": attempt.contract_no,
            "contractName": name,
            "validityTime": VALID_DAYS,
            "signOrder": IN_SEQUENCE,
            "templates": [filled_template(attempt.template_no, f"{name}.pdf", values)],
            "notifyUrl": notify_url,
            "userNotifyUrl": notify_url,
            "callbackUrl": notify_url,
            "redirectUrl": self._urls.redirect_url or None,
            "refuseOn": 1,
        }
        await self._call("/contract/createContract", contract, codes.CONTRACT_EXISTS)

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None:
        if any(signer.auto for signer in signers):
            await self._use_seal()
        rows = [self._signer(attempt.contract_no, signer) for signer in signers]
        await self._call("/contract/addSigner", rows, codes.SIGNER_ADDED)

    async def state_of(self, contract_no: str) -> ProviderState:
        try:
            data = await self._http.call("/contract/getContract", {"contractNo": contract_no})
        except EsignRefused as refused:
            if refused.code == codes.CONTRACT_DELETED:
                return deleted_state(contract_no, refused.code)
            raise domain_error_of(refused) from None
        try:
            return provider_state_from(contract_no, data)
        except _MALFORMED:
            raise UpstreamFailed from None

    async def withdraw(self, contract_no: str, reason: str) -> None:
        request = {"contractNo": contract_no, "withdrawReason": reason[:50] or "撤销", "isNoticeSignUser": False}
        await self._call("/contract/withdraw", request, codes.WITHDRAWN_BEFORE, codes.VOIDED_BEFORE)

    async def void(self, contract_no: str) -> None:
        request = {
            "contractNo": contract_no,
            "validityTime": VOID_DAYS,
            "notifyUrl": self._urls.notify_url,
            "redirectUrl": self._urls.redirect_url or None,
        }
        await self._call("/contract/cancellation", request, codes.VOIDED_BEFORE)

    @asynccontextmanager
    async def download(self, contract_no: str, received: Received | None = None) -> AsyncIterator[Path]:
        # force 0: never a document that not all parties have signed.
        request = {"contractNo": contract_no, "force": 0, "downloadFileType": 1}
        async with signed_pdf(self._http.stream("/contract/downloadContract", request), received) as path:
            yield path

    async def preview(self, contract_no: str, account: str) -> str:
        request = [{"account": account, "contractNo": contract_no, "isWrite": 0, "signStrategyList": []}]
        url = await self._call("/contract/previewContract", request)
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise UpstreamFailed
        return url

    async def templates(self) -> Sequence[TemplateSummary]:
        data = await self._call("/template/list", {"page": 1, "rows": 100, "status": 1})
        try:
            return [summary_of(row) for row in data["list"]]
        except _MALFORMED:
            raise UpstreamFailed from None

    async def template(self, template_no: str) -> Template:
        data = await self._call("/template/data", {"templateIdent": template_no})
        try:
            return template_of(template_no, data)
        except _MALFORMED:
            raise UpstreamFailed from None

    async def _use_seal(self) -> None:
        if not self._seal_is_default:
            seal = {"account": self._agency.account, "sealNo": self._agency.seal_no}
            await self._call("/user/setDefaultSeal", seal)
            self._seal_is_default = True

    def _signer(self, contract_no: str, signer: Any) -> dict[str, Any]:
        row: dict[str, Any] = {
            "contractNo": contract_no,
            "account": signer.account,
            "signType": AUTOMATIC_SIGNATURE if signer.auto else PERSONAL_SIGNATURE,
            "signOrder": str(signer.sign_order),
            "isNotice": 0,
            "autoSms": 0,
            "waterMark": 1,
            "signMark": signer.mark,
            "signStrategyList": [
                {"attachNo": 1, "locationMode": TEMPLATE_FIELD, "signKey": _SIGN_KEYS[signer.sign_order - 1]}
            ],
        }
        if signer.auto:
            row["sealNo"] = self._agency.seal_no
        else:
            row |= {"validateType": BY_SMS, "noticeMobile": signer.phone}
        return row

    async def _call(self, path: str, business: Any, *already_done: int) -> Any:
        """`already_done`: codes that report an earlier success of the same call."""
        try:
            return await self._http.call(path, business)
        except EsignRefused as refused:
            if refused.code in already_done:
                return None
            raise domain_error_of(refused) from None
