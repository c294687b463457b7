"""What is done to a training (职培) that everybody has signed: paid, refunded, finished, by two at once or nobody."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from tests.app_process import MACHINE_SECRET, Answer
from tests.journeys.chaos.stage import Stage

S = ContractStatus
AMOUNT_FEN: Final = 680_000


class TrainingPlay:
    """Notes on the stage where the contract may end by what was done; nothing: it stays signed, and unpaid."""

    def __init__(self, stage: Stage, chance: random.Random, contract: Contract) -> None:
        self._stage = stage
        self._chance = chance
        self._contract = contract

    async def run(self, void: Callable[[str], Awaitable[None]]) -> None:
        pay, refund, graduate = self._pay, self._refund, self._graduate
        match self._chance.randrange(9):
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
            case 5:  # whichever is first: the money is given back, or never taken
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
        self._stage.trained[self._contract.id] = frozenset(statuses)

    async def _pay(self, amount: int = AMOUNT_FEN) -> Answer:
        body = {
            "phone": self._contract.customer_phone,
            "amount": amount,
            "sqb_sn": f"7895{self._contract.contract_number}",
            "paidAt": "2026-05-01T02:00:00Z",
        }
        path = f"/miniprogram/training-orders/baobei/{self._contract.id}/payment-confirm"
        return await self._stage.insist(self._stage.managers[0], "POST", path, body, X_Service_Secret=MACHINE_SECRET)

    async def _refund(self) -> Answer:
        return await self._staff("refund", {"reason": "学员退课"})

    async def _graduate(self) -> Answer:
        return await self._staff("graduate", {})

    async def _staff(self, deed: str, body: dict[str, str]) -> Answer:
        by = self._chance.choice(self._stage.managers)
        return await self._stage.insist(by, "POST", f"/training-orders/{self._contract.id}/{deed}", body)
