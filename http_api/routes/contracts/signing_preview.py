"""The route that shows what starting to sign would send, and to whom."""

from aiohttp import web

from domain.contracts.errors import PartiesIncomplete, TemplateMissing, TransitionNotAllowed
from domain.contracts.signing.preview import PreviewedField
from domain.contracts.statuses import ROLE_LABELS, SignerRole
from domain.shared.model import Model
from domain.tasks.service import Report
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.request_context import RequestContext
from http_api.routes.contracts import tasks
from http_api.routes.contracts.common import CONTRACT_ERRORS, PROVIDER_ERRORS, READ, TAG, VIEW, contracts_of, scope
from http_api.routes.contracts.signer_answers import shown_phone

endpoints = Endpoints("/api/contracts", tag=TAG)


class RecipientAnswer(Model):
    role: SignerRole
    role_text: str
    name: str
    phone: str | None
    auto: bool


class SigningPreviewAnswer(Model):
    template_no: str
    template_name: str
    recipients: list[RecipientAnswer]
    """In signing order."""
    fields: list[PreviewedField]
    """In the order of the template; personal numbers are masked."""
    unknown: list[str]
    """Values that the template has no field for."""


@endpoints.get(
    "/{contract_id}/signing-preview",
    raises=(*CONTRACT_ERRORS, *PROVIDER_ERRORS, TransitionNotAllowed, PartiesIncomplete, TemplateMissing),
    may_take_long=True,
    **READ,
)
async def signing_preview(context: RequestContext, contract_id: EntityId) -> SigningPreviewAnswer | web.Response:
    """发起签署前预览：发给谁、合同填写内容 · before signing: who gets the document, and how it is filled in"""

    async def work(report: Report) -> SigningPreviewAnswer:
        return await _preview(context, contract_id)

    return await tasks.of_staff(context, VIEW, contract_id, "signing-preview", work)


async def _preview(context: RequestContext, contract_id: str) -> SigningPreviewAnswer:
    preview = await contracts_of(context).signing.draft_preview(contract_id, scope(context))
    return SigningPreviewAnswer(
        template_no=preview.template_no,
        template_name=preview.template_name,
        recipients=[
            RecipientAnswer(
                role=party.role,
                role_text=ROLE_LABELS[party.role].in_language(context.language),
                name=party.name,
                phone=shown_phone(party.phone) or None,
                auto=party.auto,
            )
            for party in preview.recipients
        ],
        fields=list(preview.fields),
        unknown=list(preview.unknown),
    )
