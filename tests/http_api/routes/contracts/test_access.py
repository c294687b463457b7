"""The access of every kind of caller to every route of contracts. A new route must be listed here."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.contracts.history import History, HistoryEntry
from domain.contracts.model import Contract
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.shared.authority import Role
from http_api.core.endpoint import Endpoint
from http_api.routes.contracts import ENDPOINTS
from tests.app_process import MACHINE_SECRET
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api, housekeeping_form, training_form

CALLERS = (
    *("anonymous", "expired", "wrong secret", "machine", "machine for another", "customer", "other customer"),
    *("unverified", "admissions", "dispatch", "colleague", "owner", "operator", "manager", "admin"),
)
"""In order of increasing rights, so that a caller with the right to change the contract still finds it unchanged."""
OK = 0
NOT_STAFF = (401, 401, 401, 401, 401, 401, 401, 401)


def row(*answers: int) -> dict[str, int]:
    return dict(zip(CALLERS, answers, strict=True))


#                        admissions dispatch colleague owner operator manager admin
LIST = row(*NOT_STAFF, 403, OK, OK, OK, OK, OK, OK)
"""Callers with the permission get the contracts of their scope, which other tests check."""
ONE = row(*NOT_STAFF, 403, 404, 404, OK, OK, OK, OK)
UNRESTRICTED_ROLES = row(*NOT_STAFF, 403, 403, 403, 403, OK, OK, OK)
MANAGERS = row(*NOT_STAFF, 403, 403, 403, 403, 403, OK, OK)
MANAGERS_OF_THEIRS = row(*NOT_STAFF, 403, 404, 404, 403, 403, OK, OK)
ADMIN = row(*NOT_STAFF, 403, 403, 403, 403, 403, 403, OK)
ANY_STAFF = row(*NOT_STAFF, OK, OK, OK, OK, OK, OK, OK)
TRAINING = row(*NOT_STAFF, 404, 404, 404, OK, OK, OK, OK)
NO_TASK = row(*NOT_STAFF, 403, 404, 404, 404, 404, 404, 404)
"""No caller here has the secret of a task; the tests of tasks cover callers who have one."""
ONE_APPROVAL = row(*NOT_STAFF, 404, 404, 404, 404, OK, 404, OK)
"""The operator is the author of the deletion request."""
OWN_LIST = row(401, 401, 401, 401, 401, OK, OK, 403, *[401] * 7)
OWN = row(401, 401, 401, 401, 401, OK, 404, 403, *[401] * 7)
MACHINE_LIST = row(401, 401, 401, OK, OK, *[401] * 10)
MACHINE = row(401, 401, 401, OK, 404, *[401] * 10)
SIGNED_BY_THE_PROVIDER = row(*[401] * 15)

EXPECTED: dict[str, dict[str, int]] = {
    **dict.fromkeys(
        (
            *("GET /contracts", "GET /contracts/board", "GET /contracts/board/{status}", "GET /contracts/owners"),
            "GET /contracts/export",
            *("GET /contracts/statistics", "GET /contracts/search-by-worker", "GET /contracts/customer/{customer_id}"),
            *("GET /contracts/worker/{worker_id}", "GET /contracts/check-customer/{phone}"),
            *("GET /contracts/history/{phone}", "POST /contracts"),
            *("GET /contracts/miniprogram/list", "GET /contracts/miniprogram/statistics"),
            *("GET /contracts/miniprogram/search-worker", "GET /contracts/miniprogram/by-customer/{customer_id}"),
            *("GET /contracts/miniprogram/by-worker-id/{worker_id}", "POST /contracts/miniprogram/create"),
            *("GET /contracts/miniprogram/check-customer/{phone}", "GET /contracts/miniprogram/history/{phone}"),
            *("POST /contracts/miniprogram/validate", "POST /contracts/miniprogram/sync-all-esign-status"),
        ),
        LIST,
    ),
    **dict.fromkeys(
        (
            *("GET /contracts/{contract_id}", "GET /contracts/number/{number}", "PUT /contracts/{contract_id}"),
            *("GET /contracts/{contract_id}/esign-info", "GET /contracts/{contract_id}/signers-status"),
            *("GET /contracts/{contract_id}/preview", "GET /contracts/{contract_id}/document"),
            *("POST /contracts/{contract_id}/renew", "POST /contracts/{contract_id}/reveal"),
            *("GET /contracts/{contract_id}/signing-preview", "POST /contracts/{contract_id}/confirm-onboard"),
            *("POST /contracts/{contract_id}/initiate-signing", "POST /contracts/{contract_id}/reinitiate-esign"),
            *("POST /contracts/{contract_id}/resend-sign-urls", "POST /contracts/{contract_id}/withdraw"),
            *("POST /contracts/{contract_id}/cancel", "POST /contracts/{contract_id}/sync-esign-status"),
            *("POST /contracts/{contract_id}/download-contract", "POST /contracts/{contract_id}/sync-insurance"),
            *("POST /contracts/change-worker/{original_id}", "PUT /contracts/miniprogram/update/{contract_id}"),
            *("GET /contracts/miniprogram/detail/{contract_id}", "GET /contracts/miniprogram/by-number/{number}"),
            *("GET /contracts/miniprogram/esign-info/{contract_id}", "GET /esign/contract-status/{number}"),
            *("GET /contracts/miniprogram/signers-status/{contract_id}", "GET /esign/preview-contract/{number}"),
            *("GET /contracts/miniprogram/preview/{contract_id}", "GET /esign/download-contract/{number}"),
            "POST /contracts/miniprogram/change-worker/{original_id}",
            "POST /contracts/miniprogram/initiate-signing/{contract_id}",
            "POST /contracts/miniprogram/reinitiate-signing/{contract_id}",
            "POST /contracts/miniprogram/resend-sign-urls/{contract_id}",
            *("POST /contracts/miniprogram/withdraw/{contract_id}", "POST /esign/withdraw-contract/{number}"),
            *("POST /contracts/miniprogram/cancel/{contract_id}", "POST /esign/cancel-contract/{number}"),
            "POST /contracts/miniprogram/sync-esign-status/{contract_id}",
            "POST /contracts/miniprogram/download-contract/{contract_id}",
            "POST /contracts/miniprogram/sync-insurance/{contract_id}",
            *("POST /esign/preview-contract/{number}", "POST /esign/sync-contract-status"),
        ),
        ONE,
    ),
    **dict.fromkeys(
        (
            "GET /contracts/{contract_id}/tasks/{task_id}/{secret}",
            "GET /contracts/{contract_id}/tasks/{task_id}/{secret}/file",
        ),
        NO_TASK,
    ),
    **dict.fromkeys(
        ("POST /contracts/{contract_id}/invalidate", "POST /contracts/miniprogram/invalidate/{contract_id}"), MANAGERS
    ),
    "POST /esign/invalidate-contract/{number}": MANAGERS_OF_THEIRS,
    "POST /contracts/{contract_id}/mark-refunded": MANAGERS,
    "POST /contracts/{contract_id}/record-payment": MANAGERS,
    "POST /training-orders/{order_id}/refund": MANAGERS,
    "PATCH /contracts/{contract_id}/assign": UNRESTRICTED_ROLES,
    "GET /contracts/assignable-users": UNRESTRICTED_ROLES,
    "POST /contracts/{contract_id}/request-deletion": UNRESTRICTED_ROLES,
    "DELETE /contracts/{contract_id}": ADMIN,
    "GET /contract-approvals": ADMIN,
    "GET /contract-approvals/my-requests": ANY_STAFF,
    "GET /contract-approvals/{approval_id}": ONE_APPROVAL,
    "POST /contract-approvals/{approval_id}/approve": ADMIN,
    "POST /contract-approvals/{approval_id}/reject": ADMIN,
    **dict.fromkeys(
        (
            *("GET /training-orders", "GET /training-orders/miniprogram/list", "GET /esign/templates"),
            *(
                "GET /training-orders/miniprogram/templates",
                "POST /esign/template/data",
                "GET /esign/templates/{template_no}/components",
            ),
            *("POST /training-orders/miniprogram/validate-student", "POST /training-orders/miniprogram/create"),
        ),
        ANY_STAFF,
    ),
    **dict.fromkeys(
        (
            *("GET /training-orders/{order_id}", "GET /training-orders/miniprogram/detail/{order_id}"),
            "POST /training-orders/miniprogram/initiate-signing/{order_id}",
            "POST /training-orders/{order_id}/graduate",
        ),
        TRAINING,
    ),
    "GET /miniprogram/contracts/mine": OWN_LIST,
    **dict.fromkeys(
        (
            *(
                "GET /miniprogram/contracts/mine/{contract_id}",
                "GET /miniprogram/contracts/mine/{contract_id}/signing-url",
            ),
            "POST /miniprogram/contracts/mine/{contract_id}/confirm-onboard",
        ),
        OWN,
    ),
    "GET /miniprogram/contracts": MACHINE_LIST,
    "GET /miniprogram/training-orders/baobei/my-order": MACHINE_LIST,
    **dict.fromkeys(
        (
            *("GET /miniprogram/contracts/{contract_id}", "GET /miniprogram/contracts/{contract_id}/signing-url"),
            "POST /miniprogram/contracts/{contract_id}/confirm-onboard",
            "POST /miniprogram/contracts/{contract_id}/payment-confirm",
            "POST /miniprogram/training-orders/baobei/{contract_id}/payment-confirm",
            "GET /miniprogram/training-orders/baobei/{contract_id}/signing-url",
            "GET /miniprogram/training-orders/baobei/{contract_id}/status",
        ),
        MACHINE,
    ),
    "POST /esign/callback": SIGNED_BY_THE_PROVIDER,
}
UNUSED_PHONE = "13000000000"


@dataclass
class AccessScenario:
    """All kinds of callers, and a new contract for each route."""

    api: ContractApi
    staff: dict[str, StaffMember]
    tokens: dict[str, str]
    numbers: Iterator[int]

    @classmethod
    async def build(cls, api: ContractApi) -> "AccessScenario":
        roles = {
            "admissions": Role.ADMISSIONS,
            "dispatch": Role.DISPATCH,
            "colleague": Role.EMPLOYEE,
            "owner": Role.EMPLOYEE,
            "operator": Role.OPERATOR,
            "manager": Role.MANAGER,
            "admin": Role.ADMIN,
        }
        staff = {name: await api.staff(role) for name, role in roles.items()}
        tokens = {name: member.token for name, member in staff.items()}
        long_ago = api.stores.clock.now() - timedelta(hours=2)
        tokens["expired"] = api.stores.tokens.issue("staff", staff["admin"].id, "a" * 24, long_ago)[0]
        tokens["other customer"] = await api.mini_program_user(UNUSED_PHONE)
        return cls(api, staff, tokens, count(1))

    async def statuses_of(self, endpoint: Endpoint) -> dict[str, int]:
        """The status for each caller in order. Refused callers must not have changed the contract."""
        number = next(self.numbers)
        is_order = "{order_id}" in endpoint.path or "/baobei/" in endpoint.path
        contract = await self._create(number, is_order)
        parameters = await self._parameters(contract, with_approval="{approval_id}" in endpoint.path)
        phone = contract.customer_phone
        self.tokens["customer"] = await self.api.mini_program_user(phone)
        self.tokens["unverified"] = await self.api.mini_program_user(f"135{number:08d}", verified=False)
        if "/api/miniprogram/" in endpoint.path or "preview" in endpoint.path:  # customers do not see drafts
            await self.staff["owner"].call("POST", f"/contracts/{contract.id}/initiate-signing", {})
            await self.api.sent(contract.id)
        before = (await self.api.contract(contract.id)).history
        statuses: dict[str, int] = {}
        for caller in CALLERS:
            named = UNUSED_PHONE if caller == "machine for another" else phone
            statuses[caller] = await self._status(endpoint, caller, parameters, named)
            if all(status for status in statuses.values()):
                assert _by_people((await self.api.contract(contract.id)).history) == _by_people(before), caller
        return statuses

    async def _status(self, endpoint: Endpoint, caller: str, parameters: dict[str, str], phone: str) -> int:
        headers = {"Authorization": f"Bearer {self.tokens[caller]}"} if caller in self.tokens else {}
        if caller in ("machine", "machine for another", "wrong secret"):
            headers["X-Service-Secret"] = "wrong" if caller == "wrong secret" else MACHINE_SECRET
        body: dict[str, Any] | None = None
        if endpoint.body is not None:
            body = {**(endpoint.example or {})}
            named = {"phone": phone, "assignedTo": self.staff["owner"].id, "contractNo": parameters["number"]}
            body.update({name: value for name, value in named.items() if name in body})
        query = {"phone": phone} if "/miniprogram/" in endpoint.path and endpoint.query else None
        path = endpoint.path.format(**parameters)
        async with self.api.http.request(
            endpoint.method, self.api.url + path, json=body, params=query, headers=headers
        ) as answer:
            assert answer.status < 500, (endpoint.name, caller, await answer.text())
            return answer.status if answer.status in (401, 403, 404) else OK

    async def _create(self, number: int, is_order: bool) -> Contract:
        path = "/training-orders/miniprogram/create" if is_order else "/contracts/miniprogram/create"
        answer = await self.staff["owner"].call(
            "POST", path, training_form(number) if is_order else housekeeping_form(number)
        )
        assert answer.status == 201, answer.body
        return await self.api.contract(answer.data["id"])

    async def _parameters(self, contract: Contract, *, with_approval: bool) -> dict[str, str]:
        approval = ""
        if with_approval:
            path = f"/contracts/{contract.id}/request-deletion"
            approval = (await self.staff["operator"].call("POST", path, {"reason": "重复录入"})).data["id"]
        return {
            **dict.fromkeys(("contract_id", "original_id", "order_id"), contract.id),
            **dict.fromkeys(("customer_id", "worker_id"), "c" * 24),
            "number": contract.contract_number,
            "phone": contract.customer_phone,
            "status": "draft",
            "template_no": housekeeping_form()["templateNo"],
            "approval_id": approval,
            "task_id": "d" * 24,
            "secret": "s" * 43,
        }


def _by_people(history: History) -> list[HistoryEntry]:
    return [entry for entry in history if entry.by.kind != "system"]


def test_every_route_of_contracts_is_listed() -> None:
    routes = {endpoint.name.replace(" /api", " ") for endpoint in ENDPOINTS}

    assert EXPECTED.keys() == routes


@pytest.fixture
async def api(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]", provider: Provider
) -> AsyncIterator[ContractApi]:
    """With the product's own polling schedule: a quick one would query the provider about all contracts of the test."""
    async with contract_api(mongodb_uri, redis_url, database.name, provider, PollingSchedule()) as api:
        yield api


async def test_every_kind_of_caller_gets_the_listed_status_on_every_route(api: ContractApi) -> None:
    scenario = await AccessScenario.build(api)

    unexpected = {}
    for endpoint in ENDPOINTS:
        statuses = await scenario.statuses_of(endpoint)
        expected = EXPECTED[endpoint.name.replace(" /api", " ")]
        if differs := {
            who: f"{statuses[who]} instead of {expected[who]}" for who in CALLERS if statuses[who] != expected[who]
        }:
            unexpected[endpoint.name] = differs

    assert unexpected == {}
