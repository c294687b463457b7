"""A random end of a signed training order (职培): payment, refund and graduation, alone or at the same time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from tests.app_process import MACHINE_SECRET, Answer
from tests.contract_api import an_hour_ago
from tests.journeys.support.chaos.environment import ChaosEnvironment

S = ContractStatus
AMOUNT_FEN: Final = 680_000


class TrainingScenario:
    """Records the allowed final statuses in the environment. Without a record the order stays signed and unpaid."""

    def __init__(self, environment: ChaosEnvironment, rng: random.Random, contract: Contract) -> None:
        self._environment = environment
        self._rng = rng
        self._contract = contract

    async def run(self, void: Callable[[str], Awaitable[None]]) -> None:
        pay, refund, graduate = self._pay, self._refund, self._graduate
        match self._rng.randrange(9):
            case 0:
                pass
            case 1:
                await self._do(pay)
                self._ends(S.ACTIVE)
            case 2:
                await self._do(pay, pay)
                self._ends(S.ACTIVE)
            case 3:
                answer = await self._pay(AMOUNT_FEN - 1)
                assert (answer.status, answer.code) == (422, "PAYMENT_AMOUNT_MISMATCH"), answer.body
            case 4:
                await self._do(refund)
                self._ends(S.REFUNDED)
            case 5:  # in either order the contract ends as refunded
                await self._do(pay, refund)
                self._ends(S.REFUNDED)
            case 6:
                await self._do(pay)
                await self._do(graduate, graduate)
                self._ends(S.GRADUATED)
            case 7:
                await self._do(pay)
                await self._do(graduate, refund)
                self._ends(S.GRADUATED, S.REFUNDED)
            case _:
                await self._do(pay)
                self._ends(S.ACTIVE)
                await void(self._contract.id)

    async def _do(self, *deeds: Callable[[], Awaitable[Any]]) -> None:
        await asyncio.gather(*(deed() for deed in deeds))

    def _ends(self, *statuses: ContractStatus) -> None:
        self._environment.training_ends[self._contract.id] = frozenset(statuses)

    async def _pay(self, amount: int = AMOUNT_FEN) -> Answer:
        body = {
            "phone": self._contract.customer_phone,
            "amount": amount,
            "sqb_sn": f"7895{self._contract.contract_number}",
            "paidAt": an_hour_ago(),
        }
        path = f"/miniprogram/training-orders/baobei/{self._contract.id}/payment-confirm"
        return await self._environment.call_until_answered(
            self._environment.managers[0], "POST", path, body, X_Service_Secret=MACHINE_SECRET
        )

    async def _refund(self) -> Answer:
        return await self._staff("refund", {"reason": "学员退课"})

    async def _graduate(self) -> Answer:
        return await self._staff("graduate", {})

    async def _staff(self, deed: str, body: dict[str, str]) -> Answer:
        by = self._rng.choice(self._environment.managers)
        return await self._environment.call_until_answered(
            by, "POST", f"/training-orders/{self._contract.id}/{deed}", body
        )
