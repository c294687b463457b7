"""What happens to a contract at the provider: signatures in their order, refusals, expiry, voiding."""

import asyncio
import time
from typing import Any

from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.world import (
    ABNORMAL,
    BY_ITSELF,
    COMPLETE,
    EXPIRED,
    FAILED,
    REJECTED,
    S_REJECTED,
    S_SIGNED,
    S_SIGNING,
    SIGNING,
    VOIDED,
    WITHDRAWN,
    Refusal,
    SimContract,
    SimSigner,
    World,
    may_act,
)


class Desk:
    def __init__(self, world: World, callbacks: CallbackSender) -> None:
        self._world = world
        self._callbacks = callbacks
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Let contracts expire, until cancelled; and go on with what was under way before a restart."""
        for contract in self._world.memory.contracts.values():
            self._whose_turn(contract)
        while True:
            self.expire_due()
            await asyncio.sleep(0.5)

    def add_signers(self, contract: SimContract, signers: list[SimSigner]) -> None:
        contract.signers = sorted(signers, key=lambda signer: signer.sign_order)
        if self._world.knobs.signing_from_the_start:
            contract.status = SIGNING
        self._whose_turn(contract)

    def sign(self, contract: SimContract, account: str) -> None:
        signer = contract.signer(account)
        if not may_act(contract, signer):
            raise Refusal(100061, "当前不能签署")
        if contract.voiding:
            self._sign_void(contract, signer)
            return
        now = self._world.now()
        signer.status, signer.finished_at, signer.token = S_SIGNED, now, ""
        contract.status = SIGNING
        self._tell(contract.user_notify_url, contract, COMPLETE, signer)
        if all(each.status == S_SIGNED for each in contract.signers):
            contract.status, contract.finished_at = COMPLETE, now
            self._tell(contract.notify_url, contract, COMPLETE)
        else:
            self._whose_turn(contract)
        self._world.remember()

    def reject(self, contract: SimContract, account: str, remark: str) -> None:
        signer = contract.signer(account)
        if contract.voiding or not may_act(contract, signer):
            raise Refusal(100061, "当前不能拒签")
        signer.status, contract.status, contract.remark = S_REJECTED, REJECTED, remark
        self._tell(contract.callback_url, contract, REJECTED)
        self._world.remember()

    def expire(self, contract: SimContract) -> None:
        if contract.is_open:
            contract.status = EXPIRED
            self._tell(contract.callback_url, contract, EXPIRED)
            self._world.remember()

    def fail(self, contract: SimContract) -> None:
        if contract.is_open:
            contract.status = ABNORMAL
            self._tell(contract.callback_url, contract, FAILED)
            self._world.remember()

    def delay(self, contract: SimContract, until: float) -> None:
        if not contract.is_open or until <= self._world.now():
            raise Refusal(100605, "有效期错误")
        contract.expires_at = until
        self._world.remember()

    def withdraw(self, contract: SimContract, reason: str) -> None:
        if contract.status == COMPLETE:
            raise Refusal(101000, "合同已签署完成，不能撤销")
        if contract.status == WITHDRAWN:
            raise Refusal(101001, "合同已撤销")
        if contract.status == VOIDED:
            raise Refusal(101002, "合同已作废")
        if not contract.is_open:
            raise Refusal(100061, "合同状态异常")
        contract.status, contract.remark = WITHDRAWN, reason
        self._world.remember()

    def begin_void(self, contract: SimContract, notify_url: str, days: int) -> None:
        if contract.status == VOIDED:
            raise Refusal(101002, "合同已作废")
        if contract.status != COMPLETE:
            raise Refusal(100061, "合同状态异常")
        if contract.voiding:
            return  # asked again: whoever has signed need not do so again
        contract.voiding, contract.void_expires_at = True, self._world.now() + days * 86_400
        contract.notify_url = notify_url or contract.notify_url
        for signer in contract.signers:
            signer.void_signed = signer.sign_type == BY_ITSELF
        self._world.remember()

    def expire_due(self) -> None:
        now = self._world.now()
        for contract in list(self._world.memory.contracts.values()):
            if contract.is_open and contract.expires_at <= now:
                self.expire(contract)
            elif contract.voiding and contract.void_expires_at <= now:
                contract.voiding = False
                self._world.remember()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _sign_void(self, contract: SimContract, signer: SimSigner) -> None:
        signer.void_signed, signer.token = True, ""
        if all(each.void_signed for each in contract.signers):
            contract.status, contract.voiding = VOIDED, False
            self._tell(contract.notify_url, contract, VOIDED)
        self._world.remember()

    def _whose_turn(self, contract: SimContract) -> None:
        if not contract.is_open:
            return
        for signer in contract.signers:
            if signer.status == S_SIGNED:
                continue
            signer.status = S_SIGNING
            if signer.sign_type == BY_ITSELF:
                task = asyncio.create_task(self._sign_by_itself(contract, signer.account))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if contract.in_sequence:
                return

    async def _sign_by_itself(self, contract: SimContract, account: str) -> None:
        await asyncio.sleep(self._world.knobs.auto_sign_seconds)
        if may_act(contract, contract.signer(account)):
            self.sign(contract, account)

    def _tell(self, url: str, contract: SimContract, status: int, signer: SimSigner | None = None) -> None:
        if url:
            self._callbacks.send(url, self.message(contract, status, signer))

    def message(self, contract: SimContract, status: int, signer: SimSigner | None = None) -> dict[str, Any]:
        now = self._world.now()
        message = {
            "action": "signCompleted" if status == COMPLETE else "contractChanged",
            "contractNo": contract.contract_no,
            "status": str(status),
            "signTime": written(now),
            "validityTime": written(contract.expires_at),
            "timestamp": str(int(now * 1000)),
        }
        if contract.remark:
            message["remark"] = contract.remark
        if signer is not None:
            message["account"] = signer.account
        return message


def written(at: float) -> str:
    """In China's time, as the provider writes instants."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + 8 * 3600))
