"""Turning what use cases give back into answers; the CRM's routes and the mini-program's are twins and share this."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from domain.contracts.board.filter import ContractFilter
from domain.contracts.drafting.service import CreationResult, Request
from domain.contracts.errors import SigningRefused, TransitionNotAllowed
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, ContractType, OrderCategory
from domain.contracts.terms import ContractTerms, validated
from domain.shared.errors import DomainError, InvalidRequest
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from http_api.core.dates import InputDay
from http_api.core.endpoint import ApiResponse, RequestContext
from http_api.core.route_constants import DONE
from http_api.routes.contracts.answers import ContractAnswer, ContractDetail
from http_api.routes.contracts.common import CreateBody, contracts_of, scope

KEY_HEADER = "Idempotency-Key"
CHUNK_BYTES = 96 * 1024  # a multiple of three: base64 of the parts is base64 of the whole
PDF = "application/pdf"


class ContractQuery(Model):
    """`search`: part of a name, or the beginning or end of a number or phone. Without `showAll` or `orderCategory`:
    the contracts that have not been replaced."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(10, ge=1, le=100)
    search: Annotated[str, StringConstraints(max_length=64)] = ""
    show_all: bool = False
    order_category: Literal["housekeeping", "training"] | None = None
    status: Literal["draft", "signing", "signed", "active", "replaced", "cancelled", "graduated", "refunded"] | None = (
        None
    )
    contract_type: ContractType | None = None
    owner_id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""
    service_expired: bool = False
    ending_until: InputDay | None = None
    created_from: InputDay | None = None
    created_to: InputDay | None = None
    sync_status: bool = False
    """Of older clients; the states are always current."""

    def to_filter(self, context: RequestContext) -> ContractFilter:
        category = self.order_category or (None if self.show_all else "housekeeping")
        return ContractFilter(
            status=ContractStatus(self.status) if self.status else None,
            order_category=OrderCategory(category) if category else None,
            contract_type=self.contract_type,
            latest_only=not self.show_all and self.status != "replaced",
            owner_id=self.owner_id,
            service_expired=self.service_expired,
            ending_until=self.ending_until,
            created_from=self.created_from,
            created_to=self.created_to,
            scope=scope(context),
        )


class ContractList(Model):
    contracts: list[ContractAnswer]
    total: int
    page: int
    limit: int
    total_pages: int


class ContractsFound(Model):
    contracts: list[ContractAnswer]


class SigningStart(Model):
    """Whether signing has begun by itself with the creation; if not, why."""

    started: bool
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None


class CreatedAnswer(ContractDetail):
    signing: SigningStart


class CustomerCheck(Model):
    has_contract: bool
    contract: ContractAnswer | None
    """The newest, if you may see it."""
    contract_count: int
    is_signed_contract: bool


async def list_answer(context: RequestContext, query: ContractQuery) -> ContractList:
    paging = PageRequest(page=query.page, page_size=query.limit)
    page: Page[Contract] = await contracts_of(context).reading.page(query.to_filter(context), query.search, paging)
    shown = await answers(context, page.list)
    return ContractList(
        contracts=shown, total=page.total, page=page.page, limit=page.page_size, total_pages=page.total_pages
    )


async def answers(context: RequestContext, contracts: Sequence[Contract]) -> list[ContractAnswer]:
    reading = contracts_of(context).reading
    names = await reading.staff_names([contract.created_by for contract in contracts])
    return [ContractAnswer.of(contract, names, reading.today(), context.language) for contract in contracts]


async def detail(context: RequestContext, contract: Contract) -> ContractDetail:
    reading = contracts_of(context).reading
    names = await reading.staff_names([contract.created_by])
    return ContractDetail.of_one(contract, names, reading.today(), context.language)


def terms_of(body: CreateBody) -> ContractTerms:
    return validated(body.to_terms())


def request_of(context: RequestContext, digest_of: Model) -> Request:
    """Raises InvalidRequest for a key that cannot be one."""
    key = context.request.headers.get(KEY_HEADER, "")
    if not key:
        return Request()
    if not (8 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise InvalidRequest(
            fields=[
                {
                    "field": KEY_HEADER,
                    "problem": "须为 8 至 128 个可打印的 ASCII 字符 / must be 8 to 128 printable ASCII characters",
                }
            ]
        )
    # Kept as a digest together with whose key it is: nobody meets another's.
    stored = hashlib.sha256(f"{context.staff.id}|{key}".encode()).hexdigest()
    digest = hashlib.sha256(digest_of.model_dump_json(exclude_unset=True).encode()).hexdigest()
    return Request(key=stored, digest=digest)


async def created(
    context: RequestContext, done: CreationResult, signing: SigningStart | None = None
) -> ApiResponse[CreatedAnswer]:
    shown = await detail(context, done.contract)
    answer = CreatedAnswer.model_construct(**dict(shown), signing=signing or SigningStart(started=False))
    return ApiResponse(answer, status=201 if done.is_new else 200, message=DONE)


async def begun(context: RequestContext, contract: Contract) -> tuple[Contract, SigningStart]:
    """Begin signing right after creation, as the CRM expects; a draft that is not ready for it simply stays one."""
    if contract.is_training or contract.missing_to_sign() or contract.contract_status is not ContractStatus.DRAFT:
        return contract, SigningStart(started=contract.contract_status is ContractStatus.SIGNING)
    try:
        signing = contracts_of(context).signing
        return await signing.initiate(contract.id, "", context.staff, context.actor), SigningStart(started=True)
    except TransitionNotAllowed:
        return contract, SigningStart(started=False)
    except (SigningRefused, DomainError) as error:
        message = error.text.in_language(context.language)
        return contract, SigningStart(started=False, code=error.code, message=message, details=error.details or None)


async def check_customer(context: RequestContext, phone: str) -> CustomerCheck:
    found = await contracts_of(context).reading.of_customer_phone(phone)
    mine = scope(context)
    newest = next((contract for contract in found if mine.covers(contract.created_by)), None)
    signed = any(contract.contract_status in (ContractStatus.SIGNED, ContractStatus.ACTIVE) for contract in found)
    return CustomerCheck(
        has_contract=bool(found),
        contract=(await answers(context, [newest]))[0] if newest else None,
        contract_count=len(found),
        is_signed_contract=signed,
    )
