"""A request to delete a contract (删除审批), part of the contract: its decision and the deletion are one write."""

from typing import Literal

from domain.shared.actor import ActorRef
from domain.shared.model import Instant, Model

ApprovalStatus = Literal["pending", "approved", "rejected"]


class DeletionRequest(Model):
    id: str
    status: ApprovalStatus = "pending"
    requested_by: ActorRef
    requested_at: Instant
    reason: str
    decided_by: ActorRef | None = None
    decided_at: Instant | None = None
    comment: str = ""


class DeletionApproval(Model):
    """A request as lists of approvals show it, copied from the contract whenever it changes there."""

    id: str
    contract_id: str
    contract_number: str
    request: DeletionRequest
