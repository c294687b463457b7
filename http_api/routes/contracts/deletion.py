"""Deleting contracts, at once or after a decision."""

from domain.contracts.errors import ApprovalNotFound, DeletionPending, DeletionRefused
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.answers import DeletionAnswer
from http_api.routes.contracts.common import DELETE, ONE, TAG, Reason, ReasonBody, contracts_of

endpoints = Endpoints("/api/contracts", tag=TAG)


class DeletionBody(Model):
    reason: Reason


@endpoints.post(
    "/{contract_id}/request-deletion",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="contract.request-deletion",
    message=Text("删除申请已提交，等待审批", "The request waits for a decision"),
    raises=(*ONE, DeletionRefused, DeletionPending),
    status=201,
    example={"reason": "重复录入"},
)
async def request_deletion(context: RequestContext, contract_id: EntityId, body: DeletionBody) -> DeletionAnswer:
    """申请删除合同 · ask for a contract to be deleted"""
    request = await contracts_of(context).deleting.request(contract_id, body.reason, context.staff, context.actor)
    return DeletionAnswer(
        id=request.id, reason=request.reason, requested_by=request.requested_by, requested_at=request.requested_at
    )


@endpoints.delete(
    "/{contract_id}",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="contract.delete",
    message=Text("删除成功", "Deleted"),
    raises=(*ONE, DeletionRefused, PermissionDenied, ApprovalNotFound),
    example={"reason": "重复录入"},
)
async def delete(context: RequestContext, contract_id: EntityId, body: ReasonBody) -> None:
    """删除草稿或已作废的合同（仅管理员）· delete a draft or a cancelled contract; administrators only"""
    await contracts_of(context).deleting.delete(contract_id, body.reason, context.staff, context.actor)
