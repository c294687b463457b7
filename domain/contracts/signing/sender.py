"""Sends a contract and its signers to the provider, and continues where an earlier try stopped."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from domain.contracts.drafting.template_filling import fill_template
from domain.contracts.errors import AlreadySigned, SigningMissing, SigningRefused, TemplateMismatch
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.signing.model import SigningAttempt
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_state import PROVIDER, cancel_notes
from domain.contracts.signing.signing_order import signing_parties
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.text import Text

log = logging.getLogger("business.contracts")

_ACTOR = PROVIDER.to_actor()


class ContractSender:
    def __init__(self, contracts: ContractUnitOfWork, provider: SigningProvider, schedule: PollingSchedule) -> None:
        self._contracts = contracts
        self._provider = provider
        self._schedule = schedule

    async def send(self, contract: Contract, attempt: SigningAttempt) -> Contract | None:
        """The contract after it was sent. None when it cannot be signed, or was withdrawn meanwhile.

        Raises UpstreamFailed when a later retry may succeed.
        """
        try:
            if attempt.takes_back:
                await self._withdraw_previous(attempt.takes_back)
            filling = fill_template(await self._provider.template(attempt.template_no), contract)
            for party in signing_parties(contract, self._provider.agency()):
                await self._provider.register(party)
            await self._provider.create(attempt, document_title(contract), filling)
            await self._provider.add_signers(attempt, contract.signers)
        except TemplateMismatch as error:
            await self._cancel_as_failed(contract, error.code, _mismatch_note(error.details))
            return None
        except AlreadySigned as error:
            log.error("contract.provider_contradicts", extra={"contractNumber": contract.contract_number})
            await self._cancel_as_failed(contract, error.code, _signed_before(attempt.takes_back))
            return None
        except SigningMissing:
            raise  # created a moment ago: the provider's read side lags behind
        except SigningRefused as error:
            code = error.details.get("providerCode", "")
            note = Text(f"{error.text.zh}（{code}）", f"{error.text.en} ({code})")
            await self._cancel_as_failed(contract, error.code, note)
            return None
        return await self._mark_sent(contract)

    async def _withdraw_previous(self, contract_no: str) -> None:
        """Withdraw the previous attempt, so that one contract is never signed twice. Raises AlreadySigned."""
        with suppress(SigningMissing, SigningRefused):  # it never reached the provider, or has ended
            await self._provider.withdraw(contract_no, "重新发起签署")

    async def _mark_sent(self, contract: Contract) -> Contract | None:
        contract_no = contract.esign_contract_no

        def sent(current: Contract, now: datetime) -> Contract:
            attempt = current.esign_attempt
            if not is_current_attempt(current, contract_no) or attempt is None or attempt.sent:
                return current
            done = attempt.model_copy(update={"sent": True, "problem": ""})
            due = self._schedule.next_poll(now, 0)
            return current.changed(now, Cause.SENT, PROVIDER, esign_attempt=done, esign_polls=0, esign_next_poll_at=due)

        after = await self._contracts.change(contract.id, sent, _ACTOR)
        if is_current_attempt(after, contract_no):
            return after
        # Staff withdrew it while it was being sent: no party has a sign link yet, and none gets one.
        await self._provider.withdraw(contract_no, "已撤销")
        return None

    async def _cancel_as_failed(self, contract: Contract, problem: str, note: Text) -> None:
        contract_no = contract.esign_contract_no

        def failed(current: Contract, now: datetime) -> Contract:
            attempt = current.esign_attempt
            if not is_current_attempt(current, contract_no) or attempt is None or attempt.sent:
                return current  # it has ended in another way, or another app process has sent it successfully
            if current.closure is not None:
                return current  # the refusal may be caused by the pending withdrawal, which decides the outcome
            tried = attempt.model_copy(update={"problem": problem, "failures": attempt.failures + 1})
            cancelled = transition(
                current,
                ContractStatus.CANCELLED,
                PROVIDER,
                now,
                note,
                esign_attempt=tried,
                cancel_reason=CancelReason.FAILED,
                **cancel_notes(note),
            )
            return with_late_check(cancelled, self._schedule, now)

        await self._contracts.change(contract.id, failed, _ACTOR)


def with_late_check(cancelled: Contract, schedule: PollingSchedule, now: datetime) -> Contract:
    """Schedule queries for an attempt that was cancelled unsent: another app process may still have sent it."""
    return cancelled.with_fields(esign_polls=0, esign_next_poll_at=schedule.next_poll(now, 0))


def is_current_attempt(contract: Contract, contract_no: str) -> bool:
    return contract.contract_status is ContractStatus.SIGNING and contract.esign_contract_no == contract_no


def document_title(contract: Contract) -> str:
    """The name of the document that the signers see."""
    kind = "职业培训" if contract.is_training else f"{contract.contract_type or '家政'}服务"
    return f"{contract.customer_name}{kind}合同"


def _signed_before(contract_no: str) -> Text:
    return Text(
        f"上次发起（{contract_no}）已由各方签署", f"All parties have signed the previous attempt ({contract_no})"
    )


def _mismatch_note(details: Mapping[str, object]) -> Text:
    labels = {
        "missing": Text("缺少", "Missing"),
        "invalid": Text("选项不符", "Not an option"),
        "unknown": Text("模板中没有", "Not in the template"),
    }
    found = {label: [str(key) for key in _list(details, name)] for name, label in labels.items()}
    named = [(label, keys) for label, keys in found.items() if keys]
    return Text(
        "；".join(f"{label.zh}：{'、'.join(keys)}" for label, keys in named)[:200],
        "; ".join(f"{label.en}: {', '.join(keys)}" for label, keys in named)[:200],
    )


def _list(details: Mapping[str, object], name: str) -> list[object]:
    found = details.get(name)
    return found if isinstance(found, list) else []
