"""A random scenario of one contract: staff at two app processes, and the parties at the provider."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, ContractStatus
from tests.app_process import Answer
from tests.contract_api import housekeeping_form, training_form
from tests.journeys.support.chaos.environment import ChaosEnvironment, StaffAccount
from tests.journeys.support.chaos.training_scenario import TrainingScenario

S = ContractStatus
TRAINING_SHARE: Final = 0.15
SIGN: Final = "sign1", "sign2"
PLANS: Final[list[tuple[str, ...]]] = [
    *([SIGN] * 8),
    ("sign1", "sign1", "sign2"),
    ("reject1",),
    ("sign1", "reject2"),
    ("expire",),
    ("sign1", "expire"),
    ("fail",),
    ("sign1", "fail"),
    ("withdraw",),
    ("withdraw+withdraw",),
    ("withdraw+sign1",),
    ("sign1", "withdraw+sign2"),
    ("sign1", "sign2+withdraw"),
    ("reject1+withdraw",),
    ("sign1",),
    (),
]


class ContractScenario:
    def __init__(self, environment: ChaosEnvironment, rng: random.Random, number: int) -> None:
        self._environment = environment
        self._rng = rng
        self._number = number
        self._training = rng.random() < TRAINING_SHARE

    async def run(self) -> None:
        contract_id = await self._create()
        if self._likely(0.2):
            await self._together(*(self._edit(contract_id) for _ in range(2)))
        if self._likely(0.06):
            await self._together(self._post(contract_id, "cancel", reason="客户不需要了"), self._initiate(contract_id))
        else:
            await self._initiate(contract_id)
        await self._sign_with_retries(contract_id)

    async def _sign_with_retries(self, contract_id: str) -> None:
        for _ in range(3):
            await self._one_attempt(contract_id)
            contract = await self._environment.contract(contract_id)
            again = contract.contract_status is S.CANCELLED and contract.cancel_reason in CAN_BE_SIGNED_AGAIN
            if not again or not self._likely(0.6):
                break
            if self._likely(0.3):
                await self._edit(contract_id)
            await self._post_perhaps_twice(contract_id, "reinitiate-esign")
        contract = await self._environment.contract(contract_id)
        if contract.contract_status is S.SIGNED:
            await TrainingScenario(self._environment, self._rng, contract).run(self._void)
        if contract.contract_status is S.ACTIVE:
            await self._in_force(contract_id)

    async def _one_attempt(self, contract_id: str) -> None:
        if self._likely(0.12):  # perhaps before it was sent to the provider
            await self._post(contract_id, "withdraw", reason="客户改期")
        contract = await self._environment.until(contract_id, _can_be_signed_or_is_over)
        if contract.contract_status is not S.SIGNING:
            return
        plan = self._rng.choice(PLANS)
        if contract.is_training:  # the agency signs automatically; the student is the second signer
            plan = tuple(step.replace("1", "2") for step in plan)
        noise = self._concurrent_changes(contract_id) if self._likely(0.3) else asyncio.sleep(0)
        await self._together(self._follow_plan(contract, plan), noise)
        if plan not in (("sign1",), ("sign2",), ()):
            await self._environment.until(contract_id, lambda contract: contract.contract_status is not S.SIGNING)

    async def _follow_plan(self, contract: Contract, plan: tuple[str, ...]) -> None:
        for step in plan:
            await asyncio.sleep(self._rng.uniform(0, 0.1))
            await self._together(*(self._act(contract, deed) for deed in step.split("+")))

    async def _act(self, contract: Contract, deed: str) -> None:
        await asyncio.sleep(self._rng.uniform(0, 0.02))
        if deed == "withdraw":
            await self._post(contract.id, "withdraw", reason="客户改期")
        elif deed in ("expire", "fail"):
            await self._environment.provider.do(contract.esign_contract_no, deed)
        else:
            who, what = int(deed[-1]), deed[:-1]
            await self._environment.provider.do(contract.esign_contract_no, what, order=who, remark="价格不合适")

    async def _concurrent_changes(self, contract_id: str) -> None:
        """Other requests of staff while the contract is being signed."""
        for _ in range(self._rng.randint(1, 3)):
            await asyncio.sleep(self._rng.uniform(0, 0.1))
            match self._rng.randrange(4):
                case 0:
                    await self._edit(contract_id)
                case 1:
                    await self._assign(contract_id)
                case 2:
                    await self._post(contract_id, "sync-esign-status")
                case _:
                    await self._post(contract_id, "initiate-signing")  # while signing has already started

    async def _in_force(self, contract_id: str) -> None:
        match self._rng.randrange(6):
            case 0:
                await self._void(contract_id)
            case 1:
                await self._change_worker(contract_id)
            case 2:
                await self._together(self._assign(contract_id), self._edit(contract_id))
            case 3:
                await self._together(self._void(contract_id), self._change_worker(contract_id))
            case _:
                pass

    async def _void(self, contract_id: str) -> None:
        await self._together(*(self._post(contract_id, "invalidate", reason="双方协商解除") for _ in range(2)))
        contract = await self._environment.until(contract_id, lambda c: c.closure is None or c.closure.accepted)
        for order in self._rng.choice([(1, 2), (2, 1), (1,), ()]):
            await self._environment.provider.do(contract.esign_contract_no, "sign", order=order)

    async def _change_worker(self, contract_id: str) -> None:
        """Sometimes two managers request the change at the same moment."""
        body = {"workerName": "钱阿姨", "workerPhone": f"136{self._number:08d}", "workerIdCard": _OTHER_WORKER}
        by = self._rng.sample(self._environment.managers, 2)
        requests = [
            self._environment.call(each, "POST", f"/contracts/change-worker/{contract_id}", body) for each in by
        ]
        for answer in await self._together(*requests[: 1 + self._likely(0.4)]):
            if answer is not None and answer.status == 201:
                successor = str(answer.data["id"])
                await self._initiate(successor)
                await self._sign_with_retries(successor)
        for each in requests:
            each.close()

    async def _create(self) -> str:
        by = self._any_staff()
        more = {"customerId": self._environment.customer_id, "workerId": self._environment.worker_id}
        path, body = "/contracts/miniprogram/create", housekeeping_form(self._number, **more)
        if self._training:
            by = self._environment.managers[0]
            path, body = (
                "/training-orders/miniprogram/create",
                training_form(self._number, customerId=more["customerId"]),
            )
        key = {"Idempotency_Key": f"chaos-{self._number:08d}"}
        answer = await self._environment.call_until_answered(by, "POST", path, body, **key)
        if self._likely(0.2):
            again = await self._environment.call_until_answered(by, "POST", path, body, **key)
            assert again.data["id"] == answer.data["id"]
        assert answer.status in (200, 201), answer.body
        return str(answer.data["id"])

    async def _initiate(self, contract_id: str) -> None:
        await self._post_perhaps_twice(contract_id, "initiate-signing")

    async def _post_perhaps_twice(self, contract_id: str, deed: str) -> None:
        """Post until it succeeds; sometimes two managers try first at the same moment."""
        path = f"/contracts/{contract_id}/{deed}"
        if self._likely(0.4):
            await self._together(
                *(self._environment.call(who, "POST", path, {}, at) for at, who in enumerate(self._two_managers()))
            )
        await self._environment.call_until_answered(self._environment.managers[0], "POST", path, {})

    async def _edit(self, contract_id: str) -> None:
        body = {"customerAddress": f"中关村大街 {self._rng.randrange(10_000)} 号"}
        await self._call("PUT", f"/contracts/{contract_id}", body)

    async def _assign(self, contract_id: str) -> None:
        to = self._rng.choice([*self._environment.managers, self._environment.employee])
        await self._call("PATCH", f"/contracts/{contract_id}/assign", {"assignedTo": to.id, "reason": "人员调整"})

    async def _post(self, contract_id: str, deed: str, **body: str) -> None:
        await self._call("POST", f"/contracts/{contract_id}/{deed}", body)

    async def _call(self, method: str, path: str, body: Any) -> Answer | None:
        return await self._environment.call(self._two_managers()[0], method, path, body, self._rng.randrange(2))

    async def _together(self, *deeds: Awaitable[Any]) -> list[Any]:
        return await asyncio.gather(*deeds)

    def _any_staff(self) -> StaffAccount:
        return self._rng.choice([*self._environment.managers, self._environment.employee])

    def _two_managers(self) -> list[StaffAccount]:
        return self._rng.sample(self._environment.managers, 2)

    def _likely(self, share: float) -> bool:
        return self._rng.random() < share


_OTHER_WORKER: Final = str(housekeeping_form(999)["workerIdCard"])


def _can_be_signed_or_is_over(contract: Contract) -> bool:
    return contract.contract_status is not S.SIGNING or contract.is_sent
