"""Deletion requests (删除审批). They are part of the contract, so that the decision and the deletion are one write."""

from typing import Literal

from domain.shared.actor import ActorRef
from domain.shared.business_day import Day
from domain.shared.model import Instant, Model

ApprovalStatus = Literal["pending", "approved", "rejected"]


class DeletionRequest(Model):
    id: str
    status: ApprovalStatus = "pending"
    requested_by: ActorRef
    requested_at: Instant
    reason: str
    reminded_on: Day | None = None
    """The last day on which overseers were reminded of it."""
    decided_by: ActorRef | None = None
    decided_at: Instant | None = None
    comment: str = ""


class DeletionApproval(Model):
    """A deletion request in the list of approvals: a copy of the request in the contract."""

    id: str
    contract_id: str
    contract_number: str
    request: DeletionRequest
