"""The calls of the provider's API that the product makes."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from integrations.simulators.esign.callbacks import CallbackSender
from integrations.simulators.esign.paper import pdf_of
from integrations.simulators.esign.requests import rows_in, text_in
from integrations.simulators.esign.signing import Desk, written
from integrations.simulators.esign.templates import TEMPLATES
from integrations.simulators.esign.world import (
    COMPLETE,
    VOIDED,
    Person,
    Refusal,
    SimContract,
    SimSigner,
    World,
)

Business = Any
Call = Callable[[web.Request, Business], Awaitable[Any]]

_BAD_NAME = re.compile(r'[*":/\\<>?|]')


class EsignCalls:
    def __init__(self, world: World, desk: Desk, callbacks: CallbackSender) -> None:
        self._world = world
        self._desk = desk
        self._callbacks = callbacks

    def table(self) -> dict[str, Call]:
        return {
            "/v2/user/addStranger": self.add_stranger,
            "/user/getUser": self.get_user,
            "/user/setDefaultSeal": self.set_default_seal,
            "/template/list": self.template_list,
            "/template/data": self.template_data,
            "/contract/createContract": self.create_contract,
            "/contract/addSigner": self.add_signer,
            "/contract/status": self.status,
            "/contract/getContract": self.get_contract,
            "/contract/previewContract": self.preview_contract,
            "/contract/downloadContract": self.download_contract,
            "/contract/withdraw": self.withdraw,
            "/contract/cancellation": self.cancellation,
        }

    async def add_stranger(self, request: web.Request, business: Business) -> None:
        account = text_in(business, "account", most=50)
        if account in self._world.memory.people:
            raise Refusal(100021, "用户已存在")
        self._world.memory.people[account] = Person(
            account=account,
            name=text_in(business, "name", required=False),
            mobile=text_in(business, "mobile", required=False),
            id_card=text_in(business, "idCard", required=False),
            user_type=int(text_in(business, "userType")),
        )
        self._world.remember()

    async def get_user(self, request: web.Request, business: Business) -> Any:
        person = self._world.memory.people.get(text_in(business, "account"))
        if person is None:
            raise Refusal(100025, "用户不存在")
        raise Refusal(100082, "未认证的陌生用户")

    async def set_default_seal(self, request: web.Request, business: Business) -> None:
        text_in(business, "account")

    async def template_list(self, request: web.Request, business: Business) -> Any:
        rows = [
            {
                "templateIdent": number,
                "templateName": template["name"],
                "templateType": 1,
                "status": 1,
                "syncStatus": 1,
                "comment": template["comment"],
                "typeName": "合同",
                "page": 2,
            }
            for number, template in TEMPLATES.items()
        ]
        return {"list": rows, "total": len(rows)}

    async def template_data(self, request: web.Request, business: Business) -> Any:
        return _template(text_in(business, "templateIdent"))["controls"]

    async def create_contract(self, request: web.Request, business: Business) -> Any:
        contract_no = text_in(business, "contractNo", most=40)
        name = text_in(business, "contractName", most=120)
        if _BAD_NAME.search(name):
            raise Refusal(100004, "合同名称含有非法字符")
        if contract_no in self._world.memory.contracts:
            raise Refusal(100055, "合同编号重复")
        templates = business.get("templates") or []
        for entry in templates:
            _require_filled(entry)
        now = self._world.now()
        contract = SimContract(
            contract_no=contract_no,
            name=name,
            created_at=now,
            expires_at=now + int(business.get("validityTime") or 15) * 86_400,
            in_sequence=business.get("signOrder") == 2,
            templates=templates,
            notify_url=text_in(business, "notifyUrl", required=False, most=500),
            user_notify_url=text_in(business, "userNotifyUrl", required=False, most=500),
            callback_url=text_in(business, "callbackUrl", required=False, most=500),
            redirect_url=text_in(business, "redirectUrl", required=False, most=500),
            may_refuse=business.get("refuseOn") == 1,
        )
        self._world.memory.contracts[contract_no] = contract
        self._world.remember()
        if self._world.knobs.callback_before_answer and contract.callback_url:
            await self._callbacks.now(contract.callback_url, self._desk.message(contract, 0))
        return {"previewUrl": f"{_origin(request)}/preview/{contract_no}", "contractFiles": []}

    async def add_signer(self, request: web.Request, business: Business) -> Any:
        rows = rows_in(business)
        numbers = {text_in(row, "contractNo") for row in rows}
        if len(numbers) != 1:
            raise Refusal(100004, "合同编号不一致")
        contract = self._world.contract(numbers.pop())
        if contract.signers:
            raise Refusal(100074, "签署方已添加")
        self._desk.add_signers(contract, [self._signer(row) for row in rows])
        self._world.remember()
        return {
            "contractNo": contract.contract_no,
            "contractName": contract.name,
            "validityTime": written(contract.expires_at),
            "previewUrl": f"{_origin(request)}/preview/{contract.contract_no}",
            "signUser": [self._shown(request, contract, signer) for signer in contract.signers],
        }

    async def status(self, request: web.Request, business: Business) -> Any:
        contract = self._world.contract(text_in(business, "contractNo"))
        return {"contractNo": contract.contract_no, "contractName": contract.name, "status": contract.status}

    async def get_contract(self, request: web.Request, business: Business) -> Any:
        self._desk.expire_due()
        contract = self._world.contract(text_in(business, "contractNo"))
        return {
            "contractNo": contract.contract_no,
            "contractName": contract.name,
            "status": contract.status,
            "validityTime": written(contract.expires_at),
            "previewUrl": f"{_origin(request)}/preview/{contract.contract_no}",
            "remark": contract.remark,
            "signFinishedTime": written(contract.finished_at) if contract.finished_at else None,
            "signUser": [self._shown(request, contract, signer) for signer in contract.signers],
        }

    async def preview_contract(self, request: web.Request, business: Business) -> Any:
        contract = self._world.contract(text_in(rows_in(business)[0], "contractNo"))
        return f"{_origin(request)}/preview/{contract.contract_no}"

    async def download_contract(self, request: web.Request, business: Business) -> Any:
        contract = self._world.contract(text_in(business, "contractNo"))
        if contract.status not in (COMPLETE, VOIDED) and business.get("force") != 1:
            raise Refusal(100061, "合同尚未签署完成")
        document = pdf_of(contract, self._world.knobs.document_bytes)
        return {
            "fileName": f"{contract.contract_no}.pdf",
            "md5": hashlib.md5(document, usedforsecurity=False).hexdigest(),
            "fileType": 0,
            "size": len(document),
            "data": base64.b64encode(document).decode(),
        }

    async def withdraw(self, request: web.Request, business: Business) -> None:
        reason = text_in(business, "withdrawReason", required=False, most=50)
        self._desk.withdraw(self._world.contract(text_in(business, "contractNo")), reason)

    async def cancellation(self, request: web.Request, business: Business) -> Any:
        contract = self._world.contract(text_in(business, "contractNo"))
        self._desk.begin_void(contract, text_in(business, "notifyUrl", required=False, most=500))
        return {"cancelContractNo": contract.contract_no}

    def _signer(self, row: dict[str, Any]) -> SimSigner:
        account = text_in(row, "account")
        person = self._world.memory.people.get(account)
        by_itself = row.get("signType") == 2
        if person is None and not by_itself:
            raise Refusal(100025, "用户不存在")
        order = text_in(row, "signOrder")
        if not order.isdecimal():
            raise Refusal(100581, "signOrder 错误")
        if by_itself and not row.get("sealNo"):
            raise Refusal(100004, "缺少印章")
        return SimSigner(
            account=account,
            name=person.name if person else "公司",
            mobile=text_in(row, "noticeMobile", required=False, most=11),
            user_type=2 if person else 1,
            sign_order=int(order),
            sign_type=int(row["signType"]),
            sign_mark=text_in(row, "signMark", required=False),
            seal_no=text_in(row, "sealNo", required=False),
        )

    def _shown(self, request: web.Request, contract: SimContract, signer: SimSigner) -> dict[str, Any]:
        token = self._world.link_token(contract, signer)
        return {
            "account": signer.account,
            "name": signer.name,
            "mobile": signer.mobile,
            "userType": signer.user_type,
            "signOrder": str(signer.sign_order),
            "signType": signer.sign_type,
            "validateType": 1,
            "signStatus": signer.status,
            "signFinishedTime": written(signer.finished_at) if signer.finished_at else None,
            "signUrl": f"{_origin(request)}/s/{token}" if token else "",
            "sealNo": signer.seal_no,
            "signMark": signer.sign_mark,
        }


def _template(number: str) -> dict[str, Any]:
    template = TEMPLATES.get(number)
    if template is None:
        raise Refusal(100050, "模板不存在")
    return template


def _require_filled(entry: dict[str, Any]) -> None:
    template = _template(text_in(entry, "templateNo"))
    given = {key for key, value in (entry.get("fillData") or {}).items() if value}
    given |= {part["keyword"] for part in entry.get("componentData") or []}
    for control in template["controls"]:
        if control["required"] and control["dataType"] != 6 and control["dataKey"] not in given:
            raise Refusal(100626, f"必填项未填写：{control['dataKey']}")


def _origin(request: web.Request) -> str:
    return str(request.url.origin())
