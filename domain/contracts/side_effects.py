"""The side effects of a contract change, computed from the contract before and after it.

A key consists of the contract, the signing attempt and the change, so that the same change always has the same keys.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.events import (
    ContractSideEffect,
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
    StaffNoticeDue,
    WorkerFollowUpDue,
)
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, OnboardStatus, PaymentStatus, SignerState
from domain.shared.business_day import BUSINESS_ZONE, business_day

S = ContractStatus
_ENDED = frozenset({S.REPLACED, S.CANCELLED, S.REFUNDED, S.GRADUATED})


class SideEffects:
    """Builds the side effects of one change. `next_id` and `now` also serve the other events of the change."""

    def __init__(self, next_id: Callable[[], str], now: datetime) -> None:
        self._next_id = next_id
        self._now = now

    def of(self, before: Contract | None, after: Contract) -> Sequence[ContractSideEffect]:
        if before is None:
            return [*self._created(after)]
        return [
            *self._transition(before, after),
            *self._signers(before, after),
            *self._milestones(before, after),
            *self._deletion(before, after),
        ]

    def _created(self, contract: Contract) -> Iterator[ContractSideEffect]:
        yield self._staff_notice(contract, "CONTRACT_CREATED", "created", (contract.created_by,), admins=True)

    def _transition(self, before: Contract, after: Contract) -> Iterator[ContractSideEffect]:
        to = after.contract_status
        if to is before.contract_status:
            return
        step = f"{after.attempt_number}:{to}"
        if to is S.SIGNING:
            if before.contract_status is S.DRAFT:
                yield self._inbox_message(after, "contract_invite", step)
            yield from self._customer(after, "signing", step)
            yield from self._worker(after, "reserved", step)
        elif to in (S.SIGNED, S.ACTIVE):
            yield from self._in_force(before, after, step)
        elif to in _ENDED:
            yield from self._ended(before, after, step)

    def _in_force(self, before: Contract, after: Contract, step: str) -> Iterator[ContractSideEffect]:
        if before.contract_status is S.SIGNING:
            yield self._inbox_message(after, "contract_signed", step)
            yield self._staff_notice(after, "CONTRACT_SIGNED", step, (after.created_by,), admins=True)
            yield from self._customer(after, "signed", step)
        if after.contract_status is S.ACTIVE and not after.is_training:
            yield from self._worker(after, "on-service", step)
            yield self._insurance(after, step)

    def _ended(self, before: Contract, after: Contract, step: str) -> Iterator[ContractSideEffect]:
        if after.contract_status is S.CANCELLED and before.contract_status is not S.DRAFT:
            values = {"reason": str(after.cancel_reason), "note": after.cancel_note}
            yield self._staff_notice(after, "CONTRACT_CANCELLED", step, (after.created_by,), admins=False, **values)
            yield self._inbox_message(after, "contract_cancelled", step)
        if after.contract_status is not S.REPLACED:  # the household stays a customer, with another worker
            yield from self._customer(after, "released", step)
        yield from self._worker(after, "released", step)

    def _signers(self, before: Contract, after: Contract) -> Iterator[ContractSideEffect]:
        known = {signer.mark: signer.state for signer in before.signers}
        for signer in after.signers:
            newly = signer.state is SignerState.SIGNED and known.get(signer.mark) is not SignerState.SIGNED
            if newly and not signer.auto:
                step = f"{after.attempt_number}:signed-by:{signer.role}"
                role = str(signer.role)
                yield self._staff_notice(
                    after, "CONTRACT_PARTY_SIGNED", step, (after.created_by,), admins=False, role=role
                )

    def _milestones(self, before: Contract, after: Contract) -> Iterator[ContractSideEffect]:
        if after.onboard_status is OnboardStatus.CONFIRMED and before.onboard_status is not OnboardStatus.CONFIRMED:
            yield self._inbox_message(after, "nanny_confirmed", "onboarded")
        if after.payment_status is PaymentStatus.PAID and before.payment_status is not PaymentStatus.PAID:
            yield self._inbox_message(after, "payment_done", "paid")
        if after.reminded != before.reminded and after.history[-1].cause is Cause.REMINDED:
            yield from self._expiring(after)
        if after.service_expired_at and not before.service_expired_at:
            yield from self._worker(after, "released", "expired")
        same_status = after.contract_status is before.contract_status
        if same_status and after.insurance_sync_pending and not before.insurance_sync_pending:
            yield self._insurance(after, f"asked:{after.next_version}")

    def _expiring(self, contract: Contract) -> Iterator[ContractSideEffect]:
        if contract.end_date is None:
            return
        # Missed earlier thresholds are marked without a message. A late reminder names the days that are left.
        step, left = f"expiring:{contract.reminded[-1]}", (contract.end_date - business_day(self._now)).days
        values = {"days": left, "endDate": contract.end_date.isoformat()}
        yield self._inbox_message(contract, "contract_expiring", step, **values)
        yield self._staff_notice(
            contract, "CONTRACT_EXPIRING_SOON", step, (contract.created_by,), admins=True, **values
        )

    def _deletion(self, before: Contract, after: Contract) -> Iterator[ContractSideEffect]:
        known = {request.id: request for request in before.deletion_requests}
        for request in after.deletion_requests:
            former = known.get(request.id)
            if former is not None and former.status == request.status:
                if former.reminded_on != request.reminded_on:
                    yield self._deletion_waiting(after, request)
                continue
            step, asker = f"deletion:{request.id}:{request.status}", (request.requested_by.id,)
            if request.status == "pending":
                values = {"requesterName": request.requested_by.name, "reason": request.reason}
                yield self._staff_notice(after, "CONTRACT_APPROVAL_REQUESTED", step, (), admins=True, **values)
                continue
            approver = request.decided_by.name if request.decided_by else ""
            values = {"approverName": approver, "comment": request.comment}
            if request.status == "approved":
                yield self._staff_notice(after, "CONTRACT_APPROVAL_APPROVED", step, asker, admins=False, **values)
            else:
                yield self._staff_notice(after, "CONTRACT_APPROVAL_REJECTED", step, asker, admins=False, **values)

    def _deletion_waiting(self, contract: Contract, request: DeletionRequest) -> StaffNoticeDue:
        step = f"deletion:{request.id}:waiting:{request.reminded_on}"
        days = (business_day(self._now) - business_day(request.requested_at)).days
        values = {"reason": request.reason, "requesterName": request.requested_by.name, "days": days}
        return self._staff_notice(contract, "CONTRACT_APPROVAL_WAITING", step, (), admins=True, **values)

    def _staff_notice(
        self, contract: Contract, kind: Any, step: str, to: tuple[str, ...], *, admins: bool, **values: object
    ) -> StaffNoticeDue:
        named = {"customerName": contract.customer_name, "workerName": contract.worker_name, **values}
        return StaffNoticeDue(
            **self._base(contract, f"bell:{step}"),
            kind=kind,
            to_staff=to,
            to_admins=admins,
            owner_id=contract.created_by,
            values=named,
        )

    def _inbox_message(self, contract: Contract, kind: Any, step: str, **values: object) -> InboxMessageDue:
        named = {"workerName": contract.worker_name, **values}
        return InboxMessageDue(**self._base(contract, f"inbox:{step}"), kind=kind, values=named)

    def _customer(self, contract: Contract, stage: Any, step: str) -> Iterator[ContractSideEffect]:
        if contract.customer_id:
            base = self._base(contract, f"customer:{step}")
            yield CustomerFollowUpDue(**base, customer_id=contract.customer_id, stage=stage)

    def _worker(self, contract: Contract, stage: Any, step: str) -> Iterator[ContractSideEffect]:
        if contract.worker_id:
            yield WorkerFollowUpDue(
                **self._base(contract, f"worker:{step}"),
                worker_id=contract.worker_id,
                stage=stage,
                since=_start_of(contract.start_date),
                until=_start_of(contract.end_date),
            )

    def _insurance(self, contract: Contract, step: str) -> InsuranceSyncDue:
        return InsuranceSyncDue(
            **self._base(contract, f"insurance:{step}"),
            policy="amend" if contract.replaces_contract_id else "bind",
            predecessor_id=contract.replaces_contract_id,
        )

    def _base(self, contract: Contract, step: str) -> dict[str, Any]:
        return {
            "id": self._next_id(),
            "at": self._now,
            "key": f"{contract.id}:{step}",
            "contract_id": contract.id,
            "contract_number": contract.contract_number,
        }


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC) if day else None
