"""Endpoints of the provider's API for contracts."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.pdf import signed_pdf
from integrations.local.simulators.esign.requests import contract_no_in, date_in, integer_in, rows_in, text_in
from integrations.local.simulators.esign.signing_engine import SigningEngine, format_china_time
from integrations.local.simulators.esign.state import (
    COMPLETE,
    SIGN_AUTOMATICALLY,
    SIGN_MANUALLY,
    VOIDED,
    Refusal,
    SimContract,
    SimSigner,
    SimulatorState,
)
from integrations.local.simulators.esign.templates import find_template

Business = Any
Call = Callable[[web.Request, Business], Awaitable[Any]]

_FORBIDDEN_IN_NAME = re.compile(r'[*":/\\<>?|\U00010000-\U0010ffff]')


class ContractApi:
    def __init__(self, state: SimulatorState, signing: SigningEngine, callbacks: CallbackSender) -> None:
        self._state = state
        self._signing = signing
        self._callbacks = callbacks

    def handlers(self) -> dict[str, Call]:
        return {
            "/contract/createContract": self.create_contract,
            "/contract/addSigner": self.add_signer,
            "/contract/status": self.status,
            "/contract/getContract": self.get_contract,
            "/contract/previewContract": self.preview_contract,
            "/contract/downloadContract": self.download_contract,
            "/contract/withdraw": self.withdraw,
            "/contract/cancellation": self.cancellation,
            "/contract/delayValidityTime": self.delay_validity_time,
        }

    async def create_contract(self, request: web.Request, business: Business) -> Any:
        contract_no = contract_no_in(business)
        name = text_in(business, "contractName", max_length=120)
        if _FORBIDDEN_IN_NAME.search(name):
            raise Refusal(100004, "合同名称含有非法字符")
        if contract_no in self._state.records.contracts:
            raise Refusal(100055, "合同编号重复")
        templates = business.get("templates") or []
        for entry in templates:
            _require_filled_controls(entry)
        now = self._state.now()
        contract = SimContract(
            contract_no=contract_no,
            name=name,
            created_at=now,
            expires_at=_expiry(business, now),
            in_sequence=_is_in_sequence(business),
            templates=templates,
            notify_url=text_in(business, "notifyUrl", required=False, max_length=500),
            user_notify_url=text_in(business, "userNotifyUrl", required=False, max_length=500),
            callback_url=text_in(business, "callbackUrl", required=False, max_length=500),
            redirect_url=text_in(business, "redirectUrl", required=False, max_length=500),
            may_refuse=business.get("refuseOn") == 1,
        )
        self._state.records.contracts[contract_no] = contract
        self._state.save()
        if self._state.settings.callback_before_answer and contract.callback_url:
            await self._callbacks.send_now(contract.callback_url, self._signing.message(contract, 0))
        return {"previewUrl": f"{_origin(request)}/preview/{contract_no}", "contractFiles": []}

    async def add_signer(self, request: web.Request, business: Business) -> Any:
        rows = rows_in(business)
        numbers = {contract_no_in(row) for row in rows}
        if len(numbers) != 1:
            raise Refusal(100004, "合同编号不一致")
        contract = self._state.contract(numbers.pop())
        if contract.signers:
            raise Refusal(100074, "签署方已添加")
        if not contract.is_open:
            raise Refusal(100061, "合同状态异常")
        self._signing.add_signers(contract, [self._signer(row) for row in rows])
        self._state.save()
        return {
            "contractNo": contract.contract_no,
            "contractName": contract.name,
            "validityTime": format_china_time(contract.expires_at),
            "previewUrl": f"{_origin(request)}/preview/{contract.contract_no}",
            "signUser": [self._signer_row(request, contract, signer) for signer in contract.signers],
        }

    async def status(self, request: web.Request, business: Business) -> Any:
        contract = self._state.contract(contract_no_in(business))
        return {"contractNo": contract.contract_no, "contractName": contract.name, "status": contract.status}

    async def get_contract(self, request: web.Request, business: Business) -> Any:
        self._signing.expire_due()
        contract = self._state.contract(contract_no_in(business))
        return {
            "contractNo": contract.contract_no,
            "contractName": contract.name,
            "status": contract.status,
            "validityTime": format_china_time(contract.expires_at),
            "previewUrl": f"{_origin(request)}/preview/{contract.contract_no}",
            "remark": contract.remark,
            "signFinishedTime": format_china_time(contract.finished_at) if contract.finished_at else None,
            "signUser": [self._signer_row(request, contract, signer) for signer in contract.signers],
        }

    async def preview_contract(self, request: web.Request, business: Business) -> Any:
        row = next(iter(rows_in(business)), {})
        contract = self._state.contract(contract_no_in(row))
        contract.signer(text_in(row, "account"))
        return f"{_origin(request)}/preview/{contract.contract_no}"

    async def download_contract(self, request: web.Request, business: Business) -> Any:
        contract = self._state.contract(contract_no_in(business))
        if contract.status not in (COMPLETE, VOIDED) and business.get("force") != 1:
            raise Refusal(100061, "合同尚未签署完成")
        document = signed_pdf(contract, self._state.settings.document_bytes)
        return {
            "fileName": f"{contract.contract_no}.pdf",
            "md5": hashlib.md5(document, usedforsecurity=False).hexdigest(),
            "fileType": 0,
            "size": len(document),
            "data": base64.b64encode(document).decode(),
        }

    async def withdraw(self, request: web.Request, business: Business) -> None:
        reason = text_in(business, "withdrawReason", required=False, max_length=50)
        self._signing.withdraw(self._state.contract(contract_no_in(business)), reason)

    async def cancellation(self, request: web.Request, business: Business) -> Any:
        contract = self._state.contract(contract_no_in(business))
        notify_url = text_in(business, "notifyUrl", required=False, max_length=500)
        self._signing.begin_void(contract, notify_url, integer_in(business, "validityTime", 15))
        return {"cancelContractNo": contract.contract_no}

    async def delay_validity_time(self, request: web.Request, business: Business) -> None:
        contract = self._state.contract(contract_no_in(business))
        self._signing.delay(contract, date_in(business, "validityDate"))

    def _signer(self, row: dict[str, Any]) -> SimSigner:
        account = text_in(row, "account")
        person = self._state.records.people.get(account)
        sign_type = integer_in(row, "signType")
        automatic = sign_type == SIGN_AUTOMATICALLY
        if person is None and not automatic:
            raise Refusal(100025, "用户不存在")
        order = integer_in(row, "signOrder")
        if not order:
            raise Refusal(100581, "signOrder 错误")
        if sign_type not in (SIGN_AUTOMATICALLY, SIGN_MANUALLY):
            raise Refusal(100004, "signType 错误")
        if automatic and not row.get("sealNo"):
            raise Refusal(100004, "缺少印章")
        return SimSigner(
            account=account,
            name=person.name if person else "公司",
            mobile=text_in(row, "noticeMobile", required=False, max_length=11),
            user_type=2 if person else 1,
            sign_order=order,
            sign_type=sign_type,
            sign_mark=text_in(row, "signMark", required=False),
            seal_no=text_in(row, "sealNo", required=False),
        )

    def _signer_row(self, request: web.Request, contract: SimContract, signer: SimSigner) -> dict[str, Any]:
        token = self._state.link_token(contract, signer)
        return {
            "account": signer.account,
            "name": signer.name,
            "mobile": signer.mobile,
            "userType": signer.user_type,
            "signOrder": str(signer.sign_order),
            "signType": signer.sign_type,
            "validateType": 1,
            "signStatus": signer.status,
            "signFinishedTime": format_china_time(signer.finished_at) if signer.finished_at else None,
            "signUrl": f"{_origin(request)}/s/{token}" if token else "",
            "sealNo": signer.seal_no,
            "signMark": signer.sign_mark,
        }


def _is_in_sequence(business: Business) -> bool:
    order = integer_in(business, "signOrder", 1)
    if order not in (1, 2):
        raise Refusal(100581, "signOrder 错误")
    return order == 2


def _expiry(business: Business, now: float) -> float:
    if business.get("validityDate"):
        expires_at = date_in(business, "validityDate")
    else:
        expires_at = now + integer_in(business, "validityTime", 15) * 86_400
    if expires_at <= now:
        raise Refusal(100605, "有效期错误")
    return expires_at


def _require_filled_controls(entry: Any) -> None:
    template = find_template(text_in(entry, "templateNo"))
    given = {key for key, value in (entry.get("fillData") or {}).items() if value}
    given |= {part["keyword"] for part in entry.get("componentData") or []}
    for control in template["controls"]:
        if control["required"] and control["dataType"] != 6 and control["dataKey"] not in given:
            raise Refusal(100626, f"必填项未填写：{control['dataKey']}")


def _origin(request: web.Request) -> str:
    return str(request.url.origin())
