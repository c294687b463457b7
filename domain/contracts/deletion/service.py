"""Deletion of contracts: at once by administrators, by request for other staff. Signed contracts cannot be deleted."""

from datetime import datetime

from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval, DeletionRequest
from domain.contracts.errors import ApprovalDecided, ApprovalNotFound, DeletionPending, DeletionRefused
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.ports import DeletionApprovalStore
from domain.contracts.roles import contract_scope
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor, ActorRef
from domain.shared.authority import Role, StaffAuthority
from domain.shared.errors import PermissionDenied
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import IdGenerator
from domain.shared.scope import EVERYTHING


class ContractDeletion:
    """A request and its decision are part of the contract: an approval and the deletion are the same write."""

    def __init__(self, contracts: ContractUnitOfWork, approvals: DeletionApprovalStore, ids: IdGenerator) -> None:
        self._contracts = contracts
        self._approvals = approvals
        self._ids = ids

    async def delete(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> None:
        """Delete at once. Raises PermissionDenied for staff below administrator, ContractNotFound, DeletionRefused."""
        _require_administrator(by)

        def gone(contract: Contract, now: datetime) -> Contract:
            _require_deletable(contract)
            pending = contract.pending_deletion
            decided = _decided(pending, "approved", actor.ref(), now, reason) if pending else None
            requests = contract.with_deletion_request(decided) if decided else contract.deletion_requests
            return _deleted(contract, now, actor.ref(), reason, requests)

        await self._record(await self._contracts.change(contract_id, gone, actor, EVERYTHING))

    async def request(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> DeletionRequest:
        """Raises ContractNotFound, DeletionRefused, DeletionPending."""
        request_id = self._ids.next_id()

        def asked(contract: Contract, now: datetime) -> Contract:
            _require_deletable(contract)
            if contract.pending_deletion is not None:
                raise DeletionPending
            request = DeletionRequest(id=request_id, requested_by=actor.ref(), requested_at=now, reason=reason)
            requests = contract.with_deletion_request(request)
            return contract.changed(now, Cause.DELETION_REQUESTED, actor.ref(), reason, deletion_requests=requests)

        contract = await self._contracts.change(contract_id, asked, actor, contract_scope(by))
        await self._record(contract)
        return next(request for request in contract.deletion_requests if request.id == request_id)

    async def approve(self, approval_id: str, comment: str, by: StaffAuthority, actor: Actor) -> DeletionApproval:
        """Approve and delete. Raises ApprovalNotFound, ApprovalDecided, DeletionRefused, PermissionDenied."""
        return await self._decide(approval_id, "approved", comment, by, actor)

    async def reject(self, approval_id: str, comment: str, by: StaffAuthority, actor: Actor) -> DeletionApproval:
        """Raises ApprovalNotFound, ApprovalDecided, PermissionDenied."""
        return await self._decide(approval_id, "rejected", comment, by, actor)

    async def page(
        self, status: ApprovalStatus | None, paging: PageRequest, by: StaffAuthority
    ) -> Page[DeletionApproval]:
        """The requests of all staff, for administrators. Raises PermissionDenied."""
        _require_administrator(by)
        return await self._approvals.page(status, "", paging)

    async def own_page(self, paging: PageRequest, by: StaffAuthority) -> Page[DeletionApproval]:
        return await self._approvals.page(None, by.id, paging)

    async def find(self, approval_id: str, by: StaffAuthority) -> DeletionApproval:
        """One request, for administrators and its author. Raises ApprovalNotFound."""
        approval = await self._approvals.find(approval_id)
        if approval is None or (by.role != Role.ADMIN and approval.request.requested_by.id != by.id):
            raise ApprovalNotFound
        return approval

    async def _decide(
        self, approval_id: str, decision: ApprovalStatus, comment: str, by: StaffAuthority, actor: Actor
    ) -> DeletionApproval:
        _require_administrator(by)
        known = await self._approvals.find(approval_id)
        if known is None:
            raise ApprovalNotFound
        if known.request.status != "pending":
            raise ApprovalDecided(status=known.request.status)

        def decide(contract: Contract, now: datetime) -> Contract:
            request = next((each for each in contract.deletion_requests if each.id == approval_id), None)
            if request is None:
                raise ApprovalNotFound
            if request.status != "pending":
                raise ApprovalDecided(status=request.status)
            decided = contract.with_deletion_request(_decided(request, decision, actor.ref(), now, comment))
            if decision == "rejected":
                return contract.changed(now, Cause.DELETION_REJECTED, actor.ref(), comment, deletion_requests=decided)
            _require_deletable(contract)
            return _deleted(contract, now, actor.ref(), comment, decided)

        contract = await self._contracts.change(known.contract_id, decide, actor, EVERYTHING)
        await self._record(contract)
        request = next(each for each in contract.deletion_requests if each.id == approval_id)
        return known.model_copy(update={"request": request})

    async def _record(self, contract: Contract) -> None:
        # The outbox does the same after a crash. Doing it here too makes the list show the change at once.
        for request in contract.deletion_requests:
            await self._approvals.record(contract.deletion_approval(request))


def _require_administrator(by: StaffAuthority) -> None:
    if by.role != Role.ADMIN:
        raise PermissionDenied


def is_deletable(contract: Contract) -> bool:
    """False for a contract that a party has signed or can still sign, and for a voided one, which was in force."""
    binding = contract.contract_status is not ContractStatus.DRAFT and (
        contract.contract_status is not ContractStatus.CANCELLED or contract.cancel_reason is CancelReason.VOIDED
    )
    return not binding and contract.signed_snapshot is None


def _require_deletable(contract: Contract) -> None:
    if not is_deletable(contract):
        raise DeletionRefused(current=str(contract.contract_status))


def _deleted(
    contract: Contract, now: datetime, by: ActorRef, note: str, requests: tuple[DeletionRequest, ...]
) -> Contract:
    # Without a next poll the reconciler does not find the contract any more either.
    return contract.changed(
        now, Cause.DELETED, by, note, deleted_at=now, deletion_requests=requests, esign_next_poll_at=None
    )


def _decided(
    request: DeletionRequest, decision: ApprovalStatus, by: ActorRef, now: datetime, comment: str
) -> DeletionRequest:
    return request.model_copy(update={"status": decision, "decided_by": by, "decided_at": now, "comment": comment})
