"""Routes that delete a contract at once, or request its deletion."""

from domain.contracts.errors import ApprovalNotFound, DeletionPending, DeletionRefused
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import CONTRACT_ERRORS, DELETE, TAG, Reason, ReasonBody, contracts_of
from http_api.routes.contracts.contract_answers import DeletionAnswer

endpoints = Endpoints("/api/contracts", tag=TAG)


class DeletionBody(Model):
    reason: Reason


@endpoints.post(
    "/{contract_id}/request-deletion",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="contract.request-deletion",
    message=Text("删除申请已提交，等待审批", "The request waits for a decision"),
    raises=(*CONTRACT_ERRORS, DeletionRefused, DeletionPending),
    status=201,
    example={"reason": "重复录入"},
)
async def request_deletion(context: RequestContext, contract_id: EntityId, body: DeletionBody) -> DeletionAnswer:
    """申请删除合同 · request the deletion of a contract"""
    request = await contracts_of(context).deletion.request(contract_id, body.reason, context.staff, context.actor)
    return DeletionAnswer(
        id=request.id, reason=request.reason, requested_by=request.requested_by, requested_at=request.requested_at
    )


@endpoints.delete(
    "/{contract_id}",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="contract.delete",
    message=Text("删除成功", "Deleted"),
    raises=(*CONTRACT_ERRORS, DeletionRefused, PermissionDenied, ApprovalNotFound),
    example={"reason": "重复录入"},
)
async def delete(context: RequestContext, contract_id: EntityId, body: ReasonBody) -> None:
    """删除草稿或已取消的合同（仅管理员）· delete a draft or a cancelled contract; administrators only"""
    await contracts_of(context).deletion.delete(contract_id, body.reason, context.staff, context.actor)
