"""What people do with one contract, by chance: staff at two computers, the parties at the provider."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, ContractStatus
from tests.app_process import Answer
from tests.contracting import course, home
from tests.journeys.chaos.stage import Person, Stage
from tests.journeys.chaos.training import TrainingPlay

S = ContractStatus
TRAININGS: Final = 0.15
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


class Play:
    def __init__(self, stage: Stage, chance: random.Random, number: int) -> None:
        self._stage = stage
        self._chance = chance
        self._number = number
        self._training = chance.random() < TRAININGS

    async def run(self) -> None:
        contract_id = await self._create()
        if self._likely(0.2):
            await self._both(*(self._edit(contract_id) for _ in range(2)))
        if self._likely(0.06):
            await self._both(self._post(contract_id, "cancel", reason="客户不需要了"), self._initiate(contract_id))
        else:
            await self._initiate(contract_id)
        await self._have_it_signed(contract_id)

    async def _have_it_signed(self, contract_id: str) -> None:
        for _ in range(3):
            await self._signing(contract_id)
            contract = await self._stage.contract(contract_id)
            again = contract.contract_status is S.CANCELLED and contract.cancel_reason in CAN_BE_SIGNED_AGAIN
            if not again or not self._likely(0.6):
                break
            if self._likely(0.3):
                await self._edit(contract_id)
            await self._twice_perhaps(contract_id, "reinitiate-esign")
        contract = await self._stage.contract(contract_id)
        if contract.contract_status is S.SIGNED:
            await TrainingPlay(self._stage, self._chance, contract).run(self._void)
        if contract.contract_status is S.ACTIVE:
            await self._in_force(contract_id)

    async def _signing(self, contract_id: str) -> None:
        if self._likely(0.12):  # perhaps before the provider has heard of it
            await self._post(contract_id, "withdraw", reason="客户改期")
        contract = await self._stage.until(contract_id, _can_be_signed_or_is_over)
        if contract.contract_status is not S.SIGNING:
            return
        plan = self._chance.choice(PLANS)
        if contract.is_training:  # the school has signed by itself; the second is the student
            plan = tuple(step.replace("1", "2") for step in plan)
        noise = self._noise(contract_id) if self._likely(0.3) else asyncio.sleep(0)
        await self._both(self._carry_out(contract, plan), noise)
        if plan not in (("sign1",), ("sign2",), ()):
            await self._stage.until(contract_id, lambda contract: contract.contract_status is not S.SIGNING)

    async def _carry_out(self, contract: Contract, plan: tuple[str, ...]) -> None:
        for step in plan:
            await asyncio.sleep(self._chance.uniform(0, 0.1))
            await self._both(*(self._deed(contract, deed) for deed in step.split("+")))

    async def _deed(self, contract: Contract, deed: str) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.02))
        if deed == "withdraw":
            await self._post(contract.id, "withdraw", reason="客户改期")
        elif deed in ("expire", "fail"):
            await self._stage.provider.do(contract.esign_contract_no, deed)
        else:
            who, what = int(deed[-1]), deed[:-1]
            await self._stage.provider.do(contract.esign_contract_no, what, order=who, remark="价格不合适")

    async def _noise(self, contract_id: str) -> None:
        """What else staff do to a contract that is being signed."""
        for _ in range(self._chance.randint(1, 3)):
            await asyncio.sleep(self._chance.uniform(0, 0.1))
            match self._chance.randrange(4):
                case 0:
                    await self._edit(contract_id)
                case 1:
                    await self._assign(contract_id)
                case 2:
                    await self._post(contract_id, "sync-esign-status")
                case _:
                    await self._post(contract_id, "initiate-signing")  # a second time

    async def _in_force(self, contract_id: str) -> None:
        match self._chance.randrange(6):
            case 0:
                await self._void(contract_id)
            case 1:
                await self._change_worker(contract_id)
            case 2:
                await self._both(self._assign(contract_id), self._edit(contract_id))
            case 3:
                await self._both(self._void(contract_id), self._change_worker(contract_id))
            case _:
                pass

    async def _void(self, contract_id: str) -> None:
        await self._both(*(self._post(contract_id, "invalidate", reason="双方协商解除") for _ in range(2)))
        contract = await self._stage.until(contract_id, lambda c: c.closure is None or c.closure.accepted)
        for order in self._chance.choice([(1, 2), (2, 1), (1,), ()]):
            await self._stage.provider.do(contract.esign_contract_no, "sign", order=order)

    async def _change_worker(self, contract_id: str) -> None:
        """Two may have the same idea at the same moment."""
        body = {"workerName": "钱阿姨", "workerPhone": f"136{self._number:08d}", "workerIdCard": _OTHER_WORKER}
        by = self._chance.sample(self._stage.managers, 2)
        asked = [self._stage.call(each, "POST", f"/contracts/change-worker/{contract_id}", body) for each in by]
        for answer in await self._both(*asked[: 1 + self._likely(0.4)]):
            if answer is not None and answer.status == 201:
                successor = str(answer.data["id"])
                await self._initiate(successor)
                await self._have_it_signed(successor)
        for each in asked:
            each.close()

    async def _create(self) -> str:
        by = self._somebody()
        more = {"customerId": self._stage.customer_id, "workerId": self._stage.worker_id}
        path, body = "/contracts/miniprogram/create", home(self._number, **more)
        if self._training:
            by = self._stage.managers[0]
            path, body = "/training-orders/miniprogram/create", course(self._number, customerId=more["customerId"])
        key = {"Idempotency_Key": f"chaos-{self._number:08d}"}
        answer = await self._stage.insist(by, "POST", path, body, **key)
        if self._likely(0.2):
            again = await self._stage.insist(by, "POST", path, body, **key)
            assert again.data["id"] == answer.data["id"]
        assert answer.status in (200, 201), answer.body
        return str(answer.data["id"])

    async def _initiate(self, contract_id: str) -> None:
        await self._twice_perhaps(contract_id, "initiate-signing")

    async def _twice_perhaps(self, contract_id: str, deed: str) -> None:
        """Until it was begun, by one of two who both try."""
        path = f"/contracts/{contract_id}/{deed}"
        if self._likely(0.4):
            await self._both(*(self._stage.call(who, "POST", path, {}, at) for at, who in enumerate(self._two())))
        await self._stage.insist(self._stage.managers[0], "POST", path, {})

    async def _edit(self, contract_id: str) -> None:
        body = {"customerAddress": f"中关村大街 {self._chance.randrange(10_000)} 号"}
        await self._ask("PUT", f"/contracts/{contract_id}", body)

    async def _assign(self, contract_id: str) -> None:
        to = self._chance.choice([*self._stage.managers, self._stage.employee])
        await self._ask("PATCH", f"/contracts/{contract_id}/assign", {"assignedTo": to.id, "reason": "人员调整"})

    async def _post(self, contract_id: str, deed: str, **body: str) -> None:
        await self._ask("POST", f"/contracts/{contract_id}/{deed}", body)

    async def _ask(self, method: str, path: str, body: Any) -> Answer | None:
        return await self._stage.call(self._two()[0], method, path, body, self._chance.randrange(2))

    async def _both(self, *deeds: Awaitable[Any]) -> list[Any]:
        return await asyncio.gather(*deeds)

    def _somebody(self) -> Person:
        return self._chance.choice([*self._stage.managers, self._stage.employee])

    def _two(self) -> list[Person]:
        return self._chance.sample(self._stage.managers, 2)

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share


_OTHER_WORKER: Final = str(home(999)["workerIdCard"])


def _can_be_signed_or_is_over(contract: Contract) -> bool:
    attempt = contract.esign_attempt
    return contract.contract_status is not S.SIGNING or (attempt is not None and attempt.sent)
