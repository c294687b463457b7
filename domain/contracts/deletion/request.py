"""A request to delete a contract (删除审批), part of the contract: its decision and the deletion are one write."""

from typing import Literal

from domain.contracts.signing.process import By
from domain.shared.model import Instant, Model

Decision = Literal["pending", "approved", "rejected"]


class DeletionRequest(Model):
    id: str
    status: Decision = "pending"
    requested_by: By
    requested_at: Instant
    reason: str
    decided_by: By | None = None
    decided_at: Instant | None = None
    comment: str = ""


class Approval(Model):
    """A request as lists of approvals show it, copied from the contract whenever it changes there."""

    id: str
    contract_id: str
    contract_number: str
    request: DeletionRequest
