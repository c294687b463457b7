"""Routes of signing: start, links, status, withdraw, void; also under the staff mini-program's paths."""

import asyncio
from typing import Any, Final

from aiohttp import web

from domain.contracts.board.filter import ContractFilter
from domain.contracts.errors import (
    AlreadySigned,
    LinksNotReady,
    NotSignedYet,
    PartiesIncomplete,
    SigningMissing,
    SuccessorExists,
    TemplateMismatch,
    TemplateMissing,
    TransitionNotAllowed,
    WorkerBlacklisted,
    WorkerNotReleased,
)
from domain.contracts.statuses import ContractStatus
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.paging import PageRequest
from domain.shared.text import Text
from domain.tasks.service import Report
from http_api.core.endpoint import EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import DONE, FETCHED, STAFF_ERRORS, ExpectedVersion
from http_api.routes.contracts import tasks
from http_api.routes.contracts.common import (
    CONTRACT_ERRORS,
    EDIT,
    EDIT_ERRORS,
    PROVIDER_ERRORS,
    VIEW,
    WRITE,
    Reason,
    TemplateNo,
    contracts_of,
    scope,
)
from http_api.routes.contracts.contract_answers import ContractDetail, detail
from http_api.routes.contracts.path_aliases import PathAliases
from http_api.routes.contracts.signer_answers import LinksAnswer, SignersAnswer, links_answer, signers_answer

aliases = PathAliases()

SIGNING_ERRORS: Final = (
    *(*EDIT_ERRORS, TransitionNotAllowed, PartiesIncomplete, TemplateMismatch, TemplateMissing),
    *(WorkerBlacklisted, WorkerNotReleased, SuccessorExists),
)
END_ERRORS: Final = (*CONTRACT_ERRORS, TransitionNotAllowed, AlreadySigned, PermissionDenied)
SIGNING_STARTED: Final = Text("已发起签署", "Signing has begun")

INITIATE: Final[dict[str, Any]] = {**WRITE, "message": SIGNING_STARTED, "raises": SIGNING_ERRORS}
WITHDRAW: Final[dict[str, Any]] = {
    **WRITE,
    "audit": "contract.withdraw",
    "raises": END_ERRORS,
    "example": {"reason": "客户改期"},
}
VOID: Final[dict[str, Any]] = {
    **WRITE,
    "audit": "contract.void",
    "raises": END_ERRORS,
    "example": {"reason": "双方协商解除"},
}
CANCEL: Final[dict[str, Any]] = {
    **WRITE,
    "audit": "contract.cancel",
    "raises": END_ERRORS,
    "example": {"reason": "客户不需要了"},
}
SYNC: Final[dict[str, Any]] = {
    "unaudited": "queries the provider; resulting transitions are audited",
    "message": Text("同步完成", "Synchronised"),
}
STATUS: Final[dict[str, Any]] = {"access": VIEW, "rate_limit": RateLimit.READ, "raises": CONTRACT_ERRORS}


class InitiateBody(Model):
    template_no: TemplateNo = ""
    """Empty: the template that the contract names."""
    version: ExpectedVersion | None = None


class EndBody(Model):
    reason: Reason


class SyncedList(Model):
    synced: int
    contracts: list[SignersAnswer]


@aliases.both(
    "POST",
    "/{contract_id}/initiate-signing",
    "/initiate-signing/{contract_id}",
    audit="contract.initiate-signing",
    example={"templateNo": "TN-HOMECARE"},
    **INITIATE,
)
async def initiate(context: RequestContext, contract_id: EntityId, body: InitiateBody) -> ContractDetail:
    """发起签署 · start signing; the sign links are available moments later"""
    signing = contracts_of(context).signing
    contract = await signing.initiate(contract_id, body.template_no, context.staff, context.actor, body.version)
    return await detail(context, contract)


@aliases.both(
    "POST",
    "/{contract_id}/reinitiate-esign",
    "/reinitiate-signing/{contract_id}",
    audit="contract.reinitiate-signing",
    example={},
    **INITIATE,
)
async def reinitiate(context: RequestContext, contract_id: EntityId, body: InitiateBody) -> ContractDetail:
    """重新发起签署（过期、拒签、撤销或失败后）· start again after it expired, was refused, withdrawn or failed"""
    signing = contracts_of(context).signing
    contract = await signing.initiate(
        contract_id, body.template_no, context.staff, context.actor, body.version, again=True
    )
    return await detail(context, contract)


@aliases.both(
    "POST",
    "/{contract_id}/resend-sign-urls",
    "/resend-sign-urls/{contract_id}",
    unaudited="requests fresh links; no contract changes",
    message=FETCHED,
    raises=(*CONTRACT_ERRORS, *PROVIDER_ERRORS, SigningMissing, NotSignedYet, LinksNotReady),
    example={},
    may_take_long=True,
    **WRITE,
)
async def links(context: RequestContext, contract_id: EntityId) -> LinksAnswer | web.Response:
    """获取签署链接（30 分钟内有效）· the sign links, valid for half an hour"""

    async def work(report: Report) -> LinksAnswer:
        return await links_answer(context, await contracts_of(context).queries.find(contract_id, scope(context)))

    return await tasks.of_staff(context, EDIT, contract_id, "sign-links", work)


@aliases.both(
    "POST",
    "/{contract_id}/withdraw",
    "/withdraw/{contract_id}",
    message=Text("已申请撤销", "Withdrawal asked for"),
    **WITHDRAW,
)
async def withdraw(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """撤销签署 · withdraw before all parties have signed; effective once the provider has confirmed it"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.withdraw(contract_id, body.reason, context.staff, context.actor))


@aliases.both(
    "POST",
    "/{contract_id}/invalidate",
    "/invalidate/{contract_id}",
    message=Text("已申请作废，各方签署后生效", "Voiding asked for; it counts once all parties have signed it"),
    **VOID,
)
async def void(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """作废生效中的合同（经理以上）· void a contract in force; managers only"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.void(contract_id, body.reason, context.staff, context.actor))


@aliases.both("POST", "/{contract_id}/cancel", "/cancel/{contract_id}", message=DONE, **CANCEL)
async def cancel(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """取消：草稿作废、签署中撤销、生效中作废 · discard a draft, withdraw during signing, void in force"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.cancel(contract_id, body.reason, context.staff, context.actor))


@aliases.both(
    "POST",
    "/{contract_id}/sync-esign-status",
    "/sync-esign-status/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    raises=CONTRACT_ERRORS,
    example={},
    **SYNC,
)
async def sync(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """立即向电子签平台查询状态 · query the provider now"""
    return signers_answer(context, await contracts_of(context).signing.sync(contract_id, scope(context)))


@aliases.both("GET", "/{contract_id}/esign-info", "/esign-info/{contract_id}", **STATUS)
async def esign_info(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """签署信息 · the signing progress"""
    return await _status(context, contract_id)


@aliases.both("GET", "/{contract_id}/signers-status", "/signers-status/{contract_id}", **STATUS)
async def signers_status(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """各签署方状态 · the state of each signer"""
    return await _status(context, contract_id)


@aliases.mini_program.post(
    "/sync-all-esign-status",
    access=EDIT,
    rate_limit=RateLimit.EXPORT,
    raises=STAFF_ERRORS,
    example={},
    **SYNC,
)
async def sync_all(context: RequestContext) -> SyncedList:
    """同步最新 50 份签约中的合同 · query the provider about the newest fifty contracts that are being signed"""
    services = contracts_of(context)
    wanted = ContractFilter(status=ContractStatus.SIGNING, scope=scope(context))
    page = await services.queries.page(wanted, "", PageRequest(page=1, page_size=50))
    synced = await asyncio.gather(*(services.signing.sync(contract.id, scope(context)) for contract in page.list))
    return SyncedList(synced=len(synced), contracts=[signers_answer(context, contract) for contract in synced])


async def _status(context: RequestContext, contract_id: str) -> SignersAnswer:
    return signers_answer(context, await contracts_of(context).queries.find(contract_id, scope(context)))
