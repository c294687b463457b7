"""The e-sign provider for staff: its templates; and contracts by their number, as older pages call them."""

from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from domain.contracts.drafting.templates import FieldKind, values_from_terms
from domain.contracts.errors import NotSignedYet, SigningMissing, TemplateMissing, TransitionNotAllowed
from domain.contracts.terms import ContractTerms
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.answers import ContractDetail
from http_api.routes.contracts.common import EDIT, ONE, PROVIDER, VIEW, TemplateNo, contracts_of, scope
from http_api.routes.contracts.documents import PreviewAnswer, send_document_as_base64
from http_api.routes.contracts.signers import SignersAnswer, signers_answer
from http_api.routes.contracts.signing import ENDING, EndBody
from http_api.routes.contracts.views import detail

endpoints = Endpoints("/api/esign", tag=Text("电子签", "E-signing"))

TEMPLATES = Staff("contract:create", "contract:view", "training-order:view")
Number = Annotated[str, Field(max_length=40)]


class TemplateAnswer(Model):
    template_no: str
    template_name: str
    comment: str
    category: str


class TemplateList(Model):
    list: list[TemplateAnswer]


class TemplateBody(Model):
    template_ident: Annotated[TemplateNo, Field(min_length=1)]


class SyncBody(Model):
    contract_no: Number


class ControlAnswer(Model):
    key: str
    kind: FieldKind
    required: bool
    options: list[str]
    from_terms: bool
    """Filled from the contract's own fields; nobody types it again."""


class TemplateFields(Model):
    template_no: str
    controls: list[ControlAnswer]


_SAID: dict[str, Any] = {
    name: 1 if name.endswith("_fen") else "."
    for name in ContractTerms.model_fields
    if name.startswith(("customer_", "worker_")) or name.endswith("_fen")
}
_EVERYTHING_STATED = ContractTerms.model_construct(**_SAID, start_date=date(2026, 1, 1), end_date=date(2026, 12, 31))
"""A contract that says all it can: the keys that it states are not typed again."""


async def template_list(context: RequestContext) -> TemplateList:
    found = await contracts_of(context).templates.all()
    return TemplateList(
        list=[
            TemplateAnswer(
                template_no=each.template_no, template_name=each.name, comment=each.comment, category=each.category
            )
            for each in found
        ]
    )


@endpoints.get(
    "/templates", access=TEMPLATES, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, *PROVIDER)
)
async def templates(context: RequestContext) -> TemplateList:
    """合同模板列表 · the provider's templates"""
    return await template_list(context)


@endpoints.post(
    "/template/data",
    access=TEMPLATES,
    rate_limit=RateLimit.READ,
    unaudited="reads a template",
    message=FETCHED,
    raises=(*STAFF_ERRORS, *PROVIDER, TemplateMissing),
    example={"templateIdent": "TN-HOMECARE"},
)
async def template_data(context: RequestContext, body: TemplateBody) -> TemplateFields:
    """模板的填写项 · the fields of a template that somebody has to fill in"""
    return await _fields_of(context, body.template_ident)


@endpoints.get(
    "/templates/{template_no}/components",
    access=TEMPLATES,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, *PROVIDER, TemplateMissing),
)
async def template_components(context: RequestContext, template_no: TemplateNo) -> TemplateFields:
    """模板的填写项 · the same by its number"""
    return await _fields_of(context, template_no)


async def _fields_of(context: RequestContext, template_no: str) -> TemplateFields:
    template = await contracts_of(context).templates.template(template_no)
    stated = values_from_terms(_EVERYTHING_STATED)
    return TemplateFields(
        template_no=template.template_no,
        controls=[
            ControlAnswer(
                key=control.key,
                kind=control.kind,
                required=control.required,
                options=list(control.options),
                from_terms=control.key in stated,
            )
            for control in template.fillable().values()
        ],
    )


@endpoints.get("/contract-status/{number}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=ONE)
async def contract_status(context: RequestContext, number: Number) -> SignersAnswer:
    """签署状态 · how far the signing is"""
    return signers_answer(context, await contracts_of(context).reading.find_by_number(number, scope(context)))


@endpoints.post(
    "/sync-contract-status",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    unaudited="asks the provider; every step that follows is audited",
    message=Text("同步完成", "Synchronised"),
    raises=ONE,
    example={"contractNo": "CON20260501000001-1"},
)
async def sync(context: RequestContext, body: SyncBody) -> SignersAnswer:
    """立即向电子签平台查询状态 · ask the provider now"""
    services = contracts_of(context)
    contract = await services.reading.find_by_number(body.contract_no, scope(context))
    return signers_answer(context, await services.signing.sync(contract.id, scope(context)))


@endpoints.post(
    "/preview-contract/{number}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    unaudited="reads an address",
    message=FETCHED,
    raises=(*ONE, *PROVIDER, SigningMissing, TransitionNotAllowed),
)
@endpoints.get(
    "/preview-contract/{number}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*ONE, *PROVIDER, SigningMissing, TransitionNotAllowed),
)
async def preview(context: RequestContext, number: Number) -> PreviewAnswer:
    """合同预览地址 · where the document can be looked at"""
    services = contracts_of(context)
    contract = await services.reading.find_by_number(number, scope(context))
    return PreviewAnswer(preview_url=await services.signing.preview(contract.id, scope(context)))


@endpoints.get(
    "/download-contract/{number}",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    message=FETCHED,
    raises=(*ONE, *PROVIDER, SigningMissing, NotSignedYet),
)
async def download(context: RequestContext, number: Number) -> web.StreamResponse:
    """下载已签署合同 · the signed document"""
    services = contracts_of(context)
    found = await services.reading.find_by_number(number, scope(context))
    contract = await services.signing.signed_contract(found.id, scope(context))
    async with services.provider.download(contract.esign_contract_no) as path:
        return await send_document_as_base64(context, contract, path)


@endpoints.post(
    "/withdraw-contract/{number}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.withdraw",
    raises=ENDING,
    example={"reason": "客户改期"},
)
async def withdraw(context: RequestContext, number: Number, body: EndBody) -> ContractDetail:
    """撤销签署 · withdraw"""
    services = contracts_of(context)
    contract = await services.reading.find_by_number(number, scope(context))
    return await detail(
        context, await services.signing.withdraw(contract.id, body.reason, context.staff, context.actor)
    )


@endpoints.post(
    "/invalidate-contract/{number}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.void",
    raises=ENDING,
    example={"reason": "双方协商解除"},
)
async def void(context: RequestContext, number: Number, body: EndBody) -> ContractDetail:
    """作废（经理以上）· void; managers only"""
    services = contracts_of(context)
    contract = await services.reading.find_by_number(number, scope(context))
    return await detail(context, await services.signing.void(contract.id, body.reason, context.staff, context.actor))


@endpoints.post(
    "/cancel-contract/{number}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.cancel",
    raises=ENDING,
    example={"reason": "客户不需要了"},
)
async def cancel(context: RequestContext, number: Number, body: EndBody) -> ContractDetail:
    """取消 · discard, withdraw or void, whichever ends this contract"""
    services = contracts_of(context)
    contract = await services.reading.find_by_number(number, scope(context))
    return await detail(context, await services.signing.cancel(contract.id, body.reason, context.staff, context.actor))
