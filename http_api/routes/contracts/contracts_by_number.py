"""Routes of `/api/esign` about one contract, which legacy pages name by its number instead of its id."""

from typing import Any, Final

from aiohttp import web

from domain.contracts.errors import SigningMissing, TransitionNotAllowed
from domain.shared.model import Model
from http_api.core.endpoint import Endpoints
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED
from http_api.routes.contracts import documents, signing
from http_api.routes.contracts.common import (
    CONTRACT_ERRORS,
    ESIGN_TAG,
    PROVIDER_ERRORS,
    READ,
    VIEW,
    ContractNumber,
    contracts_of,
    scope,
)
from http_api.routes.contracts.contract_answers import ContractDetail
from http_api.routes.contracts.documents import DOWNLOAD_ERRORS, DownloadBody, PreviewAnswer
from http_api.routes.contracts.signer_answers import SignersAnswer, signers_answer
from http_api.routes.contracts.signing import CANCEL, SYNC, VOID, WITHDRAW, EndBody

endpoints = Endpoints("/api/esign", tag=ESIGN_TAG)

PREVIEW: Final[dict[str, Any]] = {
    **READ,
    "raises": (*CONTRACT_ERRORS, *PROVIDER_ERRORS, SigningMissing, TransitionNotAllowed),
}


class SyncBody(Model):
    contract_no: ContractNumber


@endpoints.get("/contract-status/{number}", raises=CONTRACT_ERRORS, **READ)
async def contract_status(context: RequestContext, number: ContractNumber) -> SignersAnswer:
    """签署状态 · the signing progress"""
    return signers_answer(context, await contracts_of(context).queries.find_by_number(number, scope(context)))


@endpoints.post(
    "/sync-contract-status",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    raises=CONTRACT_ERRORS,
    example={"contractNo": "CON20260501000001-1"},
    **SYNC,
)
async def sync(context: RequestContext, body: SyncBody) -> SignersAnswer:
    """立即向电子签平台查询状态 · query the provider now"""
    return await signing.sync(context, await _id_of(context, body.contract_no))


@endpoints.post("/preview-contract/{number}", unaudited="reads an address", **PREVIEW)
@endpoints.get("/preview-contract/{number}", **PREVIEW)
async def preview(context: RequestContext, number: ContractNumber) -> PreviewAnswer:
    """合同预览地址 · the address at which the document can be viewed"""
    return await documents.preview_answer(context, await _id_of(context, number))


@endpoints.get(
    "/download-contract/{number}",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    message=FETCHED,
    raises=DOWNLOAD_ERRORS,
)
async def download(context: RequestContext, number: ContractNumber) -> web.StreamResponse:
    """下载已签署合同 · the signed document"""
    return await documents.download(context, await _id_of(context, number), DownloadBody())


@endpoints.post("/withdraw-contract/{number}", **WITHDRAW)
async def withdraw(context: RequestContext, number: ContractNumber, body: EndBody) -> ContractDetail:
    """撤销签署 · withdraw"""
    return await signing.withdraw(context, await _id_of(context, number), body)


@endpoints.post("/invalidate-contract/{number}", **VOID)
async def void(context: RequestContext, number: ContractNumber, body: EndBody) -> ContractDetail:
    """作废（经理以上）· void; managers only"""
    return await signing.void(context, await _id_of(context, number), body)


@endpoints.post("/cancel-contract/{number}", **CANCEL)
async def cancel(context: RequestContext, number: ContractNumber, body: EndBody) -> ContractDetail:
    """取消 · discard a draft, withdraw during signing, void in force"""
    return await signing.cancel(context, await _id_of(context, number), body)


async def _id_of(context: RequestContext, number: str) -> str:
    """Raises ContractNotFound, also when the contract is outside of the caller's data scope."""
    return (await contracts_of(context).queries.find_by_number(number, scope(context))).id
