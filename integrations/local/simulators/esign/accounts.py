"""Endpoints of the provider's API for people, seals and templates."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from integrations.local.simulators.esign.requests import integer_in, text_in
from integrations.local.simulators.esign.state import Person, Refusal, SimulatorState
from integrations.local.simulators.esign.templates import TEMPLATES, find_template

Business = Any
_COMPANY, _PERSON = 1, 2


class AccountApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    def handlers(self) -> dict[str, Callable[[web.Request, Business], Awaitable[Any]]]:
        return {
            "/v2/user/addStranger": self.add_stranger,
            "/v2/user/addPersonalUser": self.add_personal_user,
            "/v2/user/addEnterpriseUser": self.add_enterprise_user,
            "/user/getUser": self.get_user,
            "/user/setDefaultSeal": self.set_default_seal,
            "/seal/makeOnline": self.make_seal_online,
            "/template/list": self.template_list,
            "/template/data": self.template_data,
        }

    async def add_stranger(self, request: web.Request, business: Business) -> None:
        self._add(business, integer_in(business, "userType"), verified=False)

    async def add_personal_user(self, request: web.Request, business: Business) -> Any:
        return {"sealNo": self._add(business, _PERSON, verified=True).seal_no}

    async def add_enterprise_user(self, request: web.Request, business: Business) -> Any:
        return {"sealNo": self._add(business, _COMPANY, verified=True).seal_no}

    async def get_user(self, request: web.Request, business: Business) -> Any:
        person = self._person(business)
        if not person.verified:
            raise Refusal(100082, "未认证的陌生用户")
        return {"account": person.account, "name": person.name, "userType": person.user_type}

    async def set_default_seal(self, request: web.Request, business: Business) -> None:
        text_in(business, "account")

    async def make_seal_online(self, request: web.Request, business: Business) -> Any:
        return f"{request.url.origin()}/seal/{self._person(business).account}"

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
        return find_template(text_in(business, "templateIdent"))["controls"]

    def _add(self, business: Business, user_type: int, *, verified: bool) -> Person:
        account = text_in(business, "account", max_length=50)
        if account in self._state.records.people:
            raise Refusal(100021, "用户已存在")
        if user_type not in (_COMPANY, _PERSON):
            raise Refusal(100004, "userType 错误")
        name = text_in(business, "companyName" if user_type == _COMPANY else "name", required=False)
        person = self._state.records.people[account] = Person(
            account=account,
            name=name,
            mobile=text_in(business, "mobile", required=False),
            id_card=text_in(business, "idCard", required=False),
            user_type=user_type,
            verified=verified,
            seal_no=f"seal-{account}" if verified else "",
        )
        self._state.save()
        return person

    def _person(self, business: Business) -> Person:
        person = self._state.records.people.get(text_in(business, "account"))
        if person is None:
            raise Refusal(100025, "用户不存在")
        return person
