"""Having contracts signed: begin, begin again, links, state, document, taking back. One implementation, two doors."""

import asyncio

from domain.contracts.board.filter import ContractFilter
from domain.contracts.errors import (
    AlreadyRefunded,
    AlreadySigned,
    LinksNotReady,
    NotSignedYet,
    PartiesIncomplete,
    RefundTooHigh,
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
from domain.shared.money import YuanInput
from domain.shared.paging import PageRequest
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, ExpectedVersion
from http_api.routes.contracts.answers import ContractDetail
from http_api.routes.contracts.common import (
    CHANGED,
    EDIT,
    ONE,
    PROVIDER,
    VIEW,
    OptionalReason,
    Reason,
    TemplateNo,
    contracts_of,
    scope,
)
from http_api.routes.contracts.path_aliases import Twins
from http_api.routes.contracts.signers import LinksAnswer, SignersAnswer, links_answer, signers_answer
from http_api.routes.contracts.views import detail

twins = Twins()

SIGNING = (
    *(*CHANGED, TransitionNotAllowed, PartiesIncomplete, TemplateMismatch, TemplateMissing),
    *(WorkerBlacklisted, WorkerNotReleased, SuccessorExists),
)
ENDING = (*ONE, TransitionNotAllowed, AlreadySigned, PermissionDenied)
BEGUN = Text("已发起签署", "Signing has begun")


class InitiateBody(Model):
    template_no: TemplateNo = ""
    """Empty: the one that the contract has."""
    version: ExpectedVersion | None = None


class EndBody(Model):
    reason: Reason


class RefundBody(Model):
    refund_amount: YuanInput | None = None
    """Left out: all that was paid."""
    reason: OptionalReason = ""


class SyncedList(Model):
    synced: int
    contracts: list[SignersAnswer]


@twins.both(
    "POST",
    "/{contract_id}/initiate-signing",
    "/initiate-signing/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.initiate-signing",
    message=BEGUN,
    raises=SIGNING,
    example={"templateNo": "TN-HOMECARE"},
)
async def initiate(context: RequestContext, contract_id: EntityId, body: InitiateBody) -> ContractDetail:
    """发起签署 · have it signed; links are there moments later"""
    signing = contracts_of(context).signing
    return await detail(
        context, await signing.initiate(contract_id, body.template_no, context.staff, context.actor, body.version)
    )


@twins.both(
    "POST",
    "/{contract_id}/reinitiate-esign",
    "/reinitiate-signing/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.reinitiate-signing",
    message=BEGUN,
    raises=SIGNING,
    example={},
)
async def reinitiate(context: RequestContext, contract_id: EntityId, body: InitiateBody) -> ContractDetail:
    """重新发起签署（过期、拒签、撤销或失败后）· sign again after it expired, was refused, withdrawn or failed"""
    signing = contracts_of(context).signing
    contract = await signing.initiate(
        contract_id, body.template_no, context.staff, context.actor, body.version, again=True
    )
    return await detail(context, contract)


@twins.both(
    "POST",
    "/{contract_id}/resend-sign-urls",
    "/resend-sign-urls/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit=None,
    unaudited="fresh links of the same signature process; nothing of ours changes",
    message=FETCHED,
    raises=(*ONE, *PROVIDER, SigningMissing, NotSignedYet, LinksNotReady),
    example={},
)
async def links(context: RequestContext, contract_id: EntityId) -> LinksAnswer:
    """获取签署链接（30 分钟内有效）· links to sign, good for half an hour"""
    return await links_answer(context, await contracts_of(context).reading.find(contract_id, scope(context)))


@twins.both(
    "POST",
    "/{contract_id}/withdraw",
    "/withdraw/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.withdraw",
    message=Text("已申请撤销", "Withdrawal asked for"),
    raises=ENDING,
    example={"reason": "客户改期"},
)
async def withdraw(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """撤销签署 · withdraw before everybody has signed; it counts once the provider has done it"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.withdraw(contract_id, body.reason, context.staff, context.actor))


@twins.both(
    "POST",
    "/{contract_id}/invalidate",
    "/invalidate/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.void",
    message=Text("已申请作废，各方签署后生效", "Voiding asked for; it counts once all parties have signed it"),
    raises=ENDING,
    example={"reason": "双方协商解除"},
)
async def void(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """作废生效中的合同（经理以上）· void a contract in force; managers only"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.void(contract_id, body.reason, context.staff, context.actor))


@twins.both(
    "POST",
    "/{contract_id}/cancel",
    "/cancel/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.cancel",
    message=Text("操作成功", "Done"),
    raises=ENDING,
    example={"reason": "客户不需要了"},
)
async def cancel(context: RequestContext, contract_id: EntityId, body: EndBody) -> ContractDetail:
    """取消：草稿作废、签署中撤销、生效中作废 · discard, withdraw or void, whichever ends this contract"""
    signing = contracts_of(context).signing
    return await detail(context, await signing.cancel(contract_id, body.reason, context.staff, context.actor))


@twins.both(
    "POST",
    "/{contract_id}/sync-esign-status",
    "/sync-esign-status/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit=None,
    unaudited="asks the provider; every step that follows is audited",
    message=Text("同步完成", "Synchronised"),
    raises=ONE,
    example={},
)
async def sync(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """立即向电子签平台查询状态 · ask the provider now"""
    return signers_answer(context, await contracts_of(context).signing.sync(contract_id, scope(context)))


@twins.both(
    "GET", "/{contract_id}/esign-info", "/esign-info/{contract_id}", access=VIEW, rate_limit=RateLimit.READ, raises=ONE
)
async def esign_info(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """签署信息 · how far the signing is"""
    return signers_answer(context, await contracts_of(context).reading.find(contract_id, scope(context)))


@twins.both(
    "GET",
    "/{contract_id}/signers-status",
    "/signers-status/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    raises=ONE,
)
async def signers_status(context: RequestContext, contract_id: EntityId) -> SignersAnswer:
    """各签署方状态 · each signer's state"""
    return signers_answer(context, await contracts_of(context).reading.find(contract_id, scope(context)))


@twins.both(
    "POST",
    "/{contract_id}/sync-insurance",
    "/sync-insurance/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.sync-insurance",
    message=Text("已提交保险同步", "Insurance will be synchronised"),
    raises=(*ONE, TransitionNotAllowed),
    example={},
)
async def sync_insurance(context: RequestContext, contract_id: EntityId) -> ContractDetail:
    """重新同步保险 · have the insurance put right once more"""
    insurance = contracts_of(context).insurance
    return await detail(context, await insurance.ask(contract_id, scope(context), context.actor))


@twins.crm.post(
    "/{contract_id}/mark-refunded",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.refund",
    message=Text("已退款", "Refunded"),
    raises=(*ONE, TransitionNotAllowed, RefundTooHigh, AlreadyRefunded, PermissionDenied),
    example={"refundAmount": 2000, "reason": "学员退课"},
)
async def mark_refunded(context: RequestContext, contract_id: EntityId, body: RefundBody) -> ContractDetail:
    """职培退款（经理以上）· refund a training; managers only"""
    training = contracts_of(context).training
    return await detail(
        context, await training.refund(contract_id, body.refund_amount, body.reason, context.staff, context.actor)
    )


@twins.mini.post(
    "/sync-all-esign-status",
    access=Staff("contract:edit"),
    rate_limit=RateLimit.EXPORT,
    unaudited="asks the provider; every step that follows is audited",
    message=Text("同步完成", "Synchronised"),
    raises=STAFF_ERRORS,
    example={},
)
async def sync_all(context: RequestContext) -> SyncedList:
    """同步最新 50 份签约中的合同 · ask about the newest fifty that are being signed"""
    services = contracts_of(context)
    wanted = ContractFilter(status=ContractStatus.SIGNING, scope=scope(context))
    page = await services.reading.page(wanted, "", PageRequest(page=1, page_size=50))
    synced = await asyncio.gather(*(services.signing.sync(contract.id, scope(context)) for contract in page.list))
    return SyncedList(synced=len(synced), contracts=[signers_answer(context, contract) for contract in synced])
