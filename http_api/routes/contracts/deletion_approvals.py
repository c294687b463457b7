"""Routes of deletion approvals (删除审批): the requests to delete contracts, and their decisions."""

from pydantic import Field

from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval
from domain.contracts.errors import ApprovalDecided, ApprovalNotFound, ContractNotFound, DeletionRefused
from domain.shared.errors import PermissionDenied
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.common import OptionalReason, Reason, contracts_of

endpoints = Endpoints("/api/contract-approvals", tag=Text("合同删除审批", "Deletion approvals"))

DECISION_ERRORS = (*STAFF_ERRORS, ApprovalNotFound, ApprovalDecided, ContractNotFound, PermissionDenied)


class ApprovalAnswer(Model):
    document_id: str = Field(alias="_id")
    id: str
    contract_id: str
    contract_number: str
    requested_by: str
    requested_by_name: str
    reason: str
    status: str
    approved_by: str | None
    approved_by_name: str | None
    approval_comment: str | None
    approved_at: Instant | None
    created_at: Instant

    @classmethod
    def of(cls, approval: DeletionApproval) -> "ApprovalAnswer":
        request = approval.request
        return cls(
            document_id=approval.id,
            id=approval.id,
            contract_id=approval.contract_id,
            contract_number=approval.contract_number,
            requested_by=request.requested_by.id,
            requested_by_name=request.requested_by.name,
            reason=request.reason,
            status=request.status,
            approved_by=request.decided_by.id if request.decided_by else None,
            approved_by_name=request.decided_by.name if request.decided_by else None,
            approval_comment=request.comment or None,
            approved_at=request.decided_at,
            created_at=request.requested_at,
        )


class ApprovalQuery(Model):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)
    status: ApprovalStatus | None = None

    def paging(self) -> PageRequest:
        return PageRequest(page=self.page, page_size=self.limit)


class OwnQuery(Model):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)


class ApprovalList(Model):
    approvals: list[ApprovalAnswer]
    total: int
    page: int
    limit: int
    total_pages: int


class ApproveBody(Model):
    comment: OptionalReason = ""


class RejectBody(Model):
    comment: Reason


@endpoints.get(
    "",
    access=Staff(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, PageTooDeep, PermissionDenied),
)
async def list_approvals(context: RequestContext, query: ApprovalQuery) -> ApprovalList:
    """全部删除申请（仅管理员）· all requests; administrators only"""
    return _list_answer(await contracts_of(context).deletion.page(query.status, query.paging(), context.staff))


@endpoints.get(
    "/my-requests", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep)
)
async def own(context: RequestContext, query: OwnQuery) -> ApprovalList:
    """我的删除申请 · your requests"""
    paging = PageRequest(page=query.page, page_size=query.limit)
    return _list_answer(await contracts_of(context).deletion.own_page(paging, context.staff))


@endpoints.get(
    "/{approval_id}",
    access=Staff(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, ApprovalNotFound),
)
async def get_approval(context: RequestContext, approval_id: EntityId) -> ApprovalAnswer:
    """申请详情（申请人与管理员）· one request; for its author and for administrators"""
    return ApprovalAnswer.of(await contracts_of(context).deletion.find(approval_id, context.staff))


@endpoints.post(
    "/{approval_id}/approve",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="contract.approve-deletion",
    message=Text("已批准，合同已删除", "Approved; the contract is deleted"),
    raises=(*DECISION_ERRORS, DeletionRefused),
    example={"comment": "同意"},
)
async def approve(context: RequestContext, approval_id: EntityId, body: ApproveBody) -> ApprovalAnswer:
    """批准：合同随即删除（仅管理员）· approve and delete the contract; administrators only"""
    deletion = contracts_of(context).deletion
    return ApprovalAnswer.of(await deletion.approve(approval_id, body.comment, context.staff, context.actor))


@endpoints.post(
    "/{approval_id}/reject",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="contract.reject-deletion",
    message=Text("已拒绝", "Refused"),
    raises=DECISION_ERRORS,
    example={"comment": "合同仍需保留"},
)
async def reject(context: RequestContext, approval_id: EntityId, body: RejectBody) -> ApprovalAnswer:
    """拒绝（仅管理员，须填原因）· reject with a reason; administrators only"""
    deletion = contracts_of(context).deletion
    return ApprovalAnswer.of(await deletion.reject(approval_id, body.comment, context.staff, context.actor))


def _list_answer(page: Page[DeletionApproval]) -> ApprovalList:
    return ApprovalList(
        approvals=[ApprovalAnswer.of(approval) for approval in page.list],
        total=page.total,
        page=page.page,
        limit=page.page_size,
        total_pages=page.total_pages,
    )
