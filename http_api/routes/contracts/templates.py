"""Routes that show the provider's contract templates (合同模板) and the fields that the sender fills in."""

from datetime import date
from typing import Annotated, Any, Final

from domain.contracts.drafting.template_filling import values_from_terms
from domain.contracts.drafting.templates import FieldKind
from domain.contracts.errors import TemplateMissing
from domain.contracts.terms import ContractTerms
from domain.shared.model import Model
from domain.shared.plain_text import one_line
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.common import ESIGN_TAG, PROVIDER_ERRORS, TemplateNo, contracts_of

endpoints = Endpoints("/api/esign", tag=ESIGN_TAG)

TEMPLATES: Final = Staff("contract:create", "contract:view", "training-order:view")
READ_TEMPLATE: Final[dict[str, Any]] = {"access": TEMPLATES, "rate_limit": RateLimit.READ, "message": FETCHED}


class TemplateAnswer(Model):
    template_no: str
    template_name: str
    comment: str
    category: str


class TemplateList(Model):
    list: list[TemplateAnswer]


class TemplateBody(Model):
    template_ident: Annotated[str, one_line(64, required=True)]


class ControlAnswer(Model):
    key: str
    kind: FieldKind
    required: bool
    options: list[str]
    from_terms: bool
    """Filled from the contract's own fields; a form need not ask for it."""


class TemplateFields(Model):
    template_no: str
    controls: list[ControlAnswer]


_SAMPLE_FIELDS: Final[dict[str, Any]] = {
    name: 1 if name.endswith("_fen") else "."
    for name in ContractTerms.model_fields
    if name.startswith(("customer_", "worker_")) or name.endswith("_fen")
}
_COMPLETE_TERMS: Final = ContractTerms.model_construct(
    **_SAMPLE_FIELDS, start_date=date(2026, 1, 1), end_date=date(2026, 12, 31)
)
"""Terms with every field set: the template keys that they fill are those of `from_terms`."""


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


@endpoints.get("/templates", raises=(*STAFF_ERRORS, *PROVIDER_ERRORS), **READ_TEMPLATE)
async def templates(context: RequestContext) -> TemplateList:
    """合同模板列表 · the provider's templates"""
    return await template_list(context)


@endpoints.post(
    "/template/data",
    unaudited="reads a template",
    raises=(*STAFF_ERRORS, *PROVIDER_ERRORS, TemplateMissing),
    example={"templateIdent": "TN-HOMECARE"},
    **READ_TEMPLATE,
)
async def template_data(context: RequestContext, body: TemplateBody) -> TemplateFields:
    """模板的填写项 · the fields of a template that the sender fills in"""
    return await _fields_of(context, body.template_ident)


@endpoints.get(
    "/templates/{template_no}/components",
    raises=(*STAFF_ERRORS, *PROVIDER_ERRORS, TemplateMissing),
    **READ_TEMPLATE,
)
async def template_components(context: RequestContext, template_no: TemplateNo) -> TemplateFields:
    """模板的填写项 · the fields of a template that the sender fills in"""
    return await _fields_of(context, template_no)


async def _fields_of(context: RequestContext, template_no: str) -> TemplateFields:
    template = await contracts_of(context).templates.template(template_no)
    from_terms = values_from_terms(_COMPLETE_TERMS)
    return TemplateFields(
        template_no=template.template_no,
        controls=[
            ControlAnswer(
                key=field.key,
                kind=field.kind,
                required=field.required,
                options=list(field.options),
                from_terms=field.key in from_terms,
            )
            for field in template.fillable().values()
        ],
    )
