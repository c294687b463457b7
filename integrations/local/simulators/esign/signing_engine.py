"""The life of a contract at the provider: signatures in their order, rejection, expiry, withdrawal, voiding."""

import asyncio
import time
from typing import Any

from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.state import (
    ABNORMAL,
    COMPLETE,
    EXPIRED,
    FAILED,
    REJECTED,
    SIGN_AUTOMATICALLY,
    SIGNER_REJECTED,
    SIGNER_SIGNED,
    SIGNER_SIGNING,
    SIGNING,
    VOIDED,
    WITHDRAWN,
    Refusal,
    SimContract,
    SimSigner,
    SimulatorState,
    may_act,
)


class SigningEngine:
    def __init__(self, state: SimulatorState, callbacks: CallbackSender) -> None:
        self._state = state
        self._callbacks = callbacks
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Resumes the contracts of the time before a restart, then expires contracts until cancelled."""
        for contract in self._state.records.contracts.values():
            self._activate_next_signers(contract)
        while True:
            self.expire_due()
            await asyncio.sleep(0.5)

    def add_signers(self, contract: SimContract, signers: list[SimSigner]) -> None:
        contract.signers = sorted(signers, key=lambda signer: signer.sign_order)
        if self._state.settings.signing_from_the_start:
            contract.status = SIGNING
        self._activate_next_signers(contract)

    def sign(self, contract: SimContract, account: str) -> None:
        signer = contract.signer(account)
        if not may_act(contract, signer):
            raise Refusal(100061, "当前不能签署")
        if contract.voiding:
            self._sign_void(contract, signer)
            return
        now = self._state.now()
        signer.status, signer.finished_at, signer.token = SIGNER_SIGNED, now, ""
        contract.status = SIGNING
        self._notify(contract.user_notify_url, contract, COMPLETE, signer)
        if all(each.status == SIGNER_SIGNED for each in contract.signers):
            contract.status, contract.finished_at = COMPLETE, now
            self._notify(contract.notify_url, contract, COMPLETE)
        else:
            self._activate_next_signers(contract)
        self._state.save()

    def reject(self, contract: SimContract, account: str, remark: str) -> None:
        signer = contract.signer(account)
        if contract.voiding or not may_act(contract, signer):
            raise Refusal(100061, "当前不能拒签")
        signer.status, contract.status, contract.remark = SIGNER_REJECTED, REJECTED, remark
        self._notify(contract.callback_url, contract, REJECTED)
        self._state.save()

    def expire(self, contract: SimContract) -> None:
        if contract.is_open:
            contract.status = EXPIRED
            self._notify(contract.callback_url, contract, EXPIRED)
            self._state.save()

    def fail(self, contract: SimContract) -> None:
        if contract.is_open:
            contract.status = ABNORMAL
            self._notify(contract.callback_url, contract, FAILED)
            self._state.save()

    def delay(self, contract: SimContract, until: float) -> None:
        if not contract.is_open or until <= self._state.now():
            raise Refusal(100605, "有效期错误")
        contract.expires_at = until
        self._state.save()

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
        self._state.save()

    def begin_void(self, contract: SimContract, notify_url: str, days: int) -> None:
        if contract.status == VOIDED:
            raise Refusal(101002, "合同已作废")
        if contract.status != COMPLETE:
            raise Refusal(100061, "合同状态异常")
        if contract.voiding:
            return  # asked again: signatures that were given stay
        contract.voiding, contract.void_expires_at = True, self._state.now() + days * 86_400
        contract.notify_url = notify_url or contract.notify_url
        for signer in contract.signers:
            signer.void_signed = signer.sign_type == SIGN_AUTOMATICALLY
        self._state.save()

    def expire_due(self) -> None:
        now = self._state.now()
        for contract in list(self._state.records.contracts.values()):
            if contract.is_open and contract.expires_at <= now:
                self.expire(contract)
            elif contract.voiding and contract.void_expires_at <= now:
                contract.voiding = False
                self._state.save()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _sign_void(self, contract: SimContract, signer: SimSigner) -> None:
        signer.void_signed, signer.token = True, ""
        if all(each.void_signed for each in contract.signers):
            contract.status, contract.voiding = VOIDED, False
            self._notify(contract.notify_url, contract, VOIDED)
        else:
            self._notify(contract.user_notify_url, contract, SIGNING, signer)
        self._state.save()

    def _activate_next_signers(self, contract: SimContract) -> None:
        if not contract.is_open:
            return
        for signer in contract.signers:
            if signer.status == SIGNER_SIGNED:
                continue
            signer.status = SIGNER_SIGNING
            if signer.sign_type == SIGN_AUTOMATICALLY:
                task = asyncio.create_task(self._sign_automatically(contract, signer.account))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if contract.in_sequence:
                return

    async def _sign_automatically(self, contract: SimContract, account: str) -> None:
        await asyncio.sleep(self._state.settings.auto_sign_seconds)
        if may_act(contract, contract.signer(account)):
            self.sign(contract, account)

    def _notify(self, url: str, contract: SimContract, status: int, signer: SimSigner | None = None) -> None:
        if url:
            self._callbacks.send(url, self.message(contract, status, signer))

    def message(self, contract: SimContract, status: int, signer: SimSigner | None = None) -> dict[str, Any]:
        now = self._state.now()
        message = {
            "action": "signCompleted" if status == COMPLETE else "contractChanged",
            "contractNo": contract.contract_no,
            "status": str(status),
            "signTime": format_china_time(now),
            "validityTime": format_china_time(contract.expires_at),
            "timestamp": str(int(now * 1000)),
        }
        if contract.remark:
            message["remark"] = contract.remark
        if signer is not None:
            message["account"] = signer.account
        return message


def format_china_time(at: float) -> str:
    """An instant as the provider writes it, in China Standard Time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + 8 * 3600))
