"""Shared by the routes that create contracts: form checks, idempotent creation, and starting to sign at once."""

import hashlib
from typing import Any, Final

from domain.contracts.drafting.service import CreationResult, IdempotencyKey
from domain.contracts.errors import (
    ContractExists,
    IdempotencyKeyReused,
    NumberTaken,
    SigningRefused,
    TransitionNotAllowed,
    UnknownParty,
    WorkerBlacklisted,
    WorkerNotReleased,
)
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from domain.shared.errors import DomainError, InvalidRequest
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import ApiResponse, RequestContext
from http_api.core.route_constants import DONE, STAFF_ERRORS
from http_api.routes.contracts.bodies import CreateBody
from http_api.routes.contracts.common import CREATE, contracts_of
from http_api.routes.contracts.contract_answers import ContractDetail, detail

KEY_HEADER: Final = "Idempotency-Key"
CREATION_ERRORS: Final = (UnknownParty, WorkerBlacklisted, WorkerNotReleased, IdempotencyKeyReused, NumberTaken)
CREATE_EXAMPLE: Final = {
    "contractType": "月嫂",
    "customerName": "王芳",
    "customerPhone": "13800138000",
    "customerIdCard": "110101199003070011",
    "workerName": "赵阿姨",
    "workerPhone": "13900139000",
    "workerIdCard": "110101197511110017",
    "startDate": "2026-05-01",
    "endDate": "2026-10-31",
    "workerSalary": 8800,
    "customerServiceFee": 3000,
    "templateNo": "TN-HOMECARE",
    "服务备注": "月休四天",
}
CREATE_DRAFT: Final[dict[str, Any]] = {
    "access": CREATE,
    "rate_limit": RateLimit.WRITE,
    "audit": "contract.create",
    "message": Text("合同创建成功", "Contract created"),
    "raises": (*STAFF_ERRORS, *CREATION_ERRORS, ContractExists),
    "statuses": (201, 200),
    "example": CREATE_EXAMPLE,
}
"""Preset of a route that creates a housekeeping contract."""


class Validation(Model):
    valid: bool
    missing: list[str]


class SigningStart(Model):
    """Tells if signing started together with the creation, and the reason if it did not."""

    started: bool
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None


class CreatedAnswer(ContractDetail):
    signing: SigningStart


async def validation_of(context: RequestContext, body: CreateBody) -> Validation:
    """The fields that are still missing for signing. Raises UnknownParty."""
    missing = await contracts_of(context).drafting.check(body.to_contract_terms())
    return Validation(valid=not missing, missing=missing)


async def create_draft(context: RequestContext, body: CreateBody) -> CreationResult:
    """A new draft, or the one that a request with the same idempotency key created. Raises CREATION_ERRORS and
    ContractExists."""
    return await contracts_of(context).drafting.create(
        body.to_contract_terms(),
        context.staff,
        context.actor,
        idempotency_key(context, body),
        second_order=body.force_create_new,
    )


def idempotency_key(context: RequestContext, body: Model) -> IdempotencyKey:
    """The key in the request's header with a digest of its body. Raises InvalidRequest for a malformed key."""
    key = context.request.headers.get(KEY_HEADER, "")
    if not key:
        return IdempotencyKey()
    if not (8 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise InvalidRequest(
            fields=[
                {
                    "field": KEY_HEADER,
                    "problem": "须为 8 至 128 个可打印的 ASCII 字符 / must be 8 to 128 printable ASCII characters",
                }
            ]
        )
    # The stored key includes the staff member, so that equal keys of two members do not collide.
    stored = hashlib.sha256(f"{context.staff.id}|{key}".encode()).hexdigest()
    digest = hashlib.sha256(body.model_dump_json(exclude_unset=True).encode()).hexdigest()
    return IdempotencyKey(key=stored, digest=digest)


async def created(
    context: RequestContext, result: CreationResult, signing: SigningStart | None = None
) -> ApiResponse[CreatedAnswer]:
    """201 for a new contract, 200 for a repeated request."""
    shown = await detail(context, result.contract)
    answer = CreatedAnswer.model_construct(**dict(shown), signing=signing or SigningStart(started=False))
    return ApiResponse(answer, status=201 if result.is_new else 200, message=DONE)


async def start_signing(context: RequestContext, contract: Contract) -> tuple[Contract, SigningStart]:
    """Start signing right after the creation, as the CRM expects. A contract that is not ready stays a draft."""
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
