"""Contracts for those whom they concern: customers and students in the mini-program.

Two doors to one implementation. `/mine` is for a signed-in mini-program user, whose phone WeChat has confirmed. The
others are for a machine that knows our secret (the older mini-program's cloud function) and names the phone itself.
"""

from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from domain.contracts.customer_self_service import Payment, PhoneNotVerified, has_signed
from domain.contracts.errors import (
    AlreadyPaid,
    ContractNotFound,
    LinksNotReady,
    PaymentIdUsed,
    PaymentMismatch,
    SigningMissing,
    TransitionNotAllowed,
)
from domain.contracts.model import Contract
from domain.contracts.signing.sign_links import SignLink
from domain.contracts.statuses import (
    STATUS_LABELS,
    ContractStatus,
    ContractType,
    OnboardStatus,
    OrderCategory,
    PaymentStatus,
    SignerRole,
    SignerState,
)
from domain.sessions.model import SessionEnded
from domain.shared.business_day import Day
from domain.shared.model import Instant, Model
from domain.shared.money import Fen, YuanOutput
from domain.shared.phone import Phone
from domain.shared.text import Language, Text
from domain.users.errors import UserBlocked
from http_api.core.access import Machine, MiniProgramUser
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED
from http_api.routes.contracts.common import PROVIDER, contracts_of

TAG: Final = Text("客户的合同", "A customer's contracts")
endpoints = Endpoints("/api/miniprogram/contracts", tag=TAG)
students = Endpoints("/api/miniprogram/training-orders/baobei", tag=TAG)

OWN = (SessionEnded, UserBlocked, PhoneNotVerified)
ONBOARD: dict[str, Any] = {
    "rate_limit": RateLimit.WRITE,
    "audit": "contract.confirm-onboard",
    "message": Text("已确认上户", "Confirmed"),
}


class PhoneQuery(Model):
    phone: Phone


class PhoneBody(Model):
    phone: Phone


class NoBody(Model):
    """Everything is said by the path."""


class PaymentBody(Model):
    phone: Phone
    amount: Fen
    """In fen."""
    sqb_sn: Annotated[str, Field(alias="sqb_sn"), StringConstraints(min_length=4, max_length=64)]
    paid_at: InputInstant


class SignerStatuses(Model):
    customer_signed: bool
    nanny_signed: bool
    customer_signed_at: Instant | None
    nanny_signed_at: Instant | None


class OwnContract(Model):
    """What a party may know: no card numbers, no template values, no links."""

    id: str
    version: int
    contract_number: str
    order_category: OrderCategory
    contract_type: ContractType | None
    contract_status: ContractStatus
    contract_status_text: str
    customer_name: str
    customer_phone: str
    worker_name: str | None
    start_date: Day | None
    end_date: Day | None
    worker_salary: YuanOutput | None
    customer_service_fee: YuanOutput | None
    course_amount: YuanOutput | None
    service_fee_amount: YuanOutput | None
    intended_courses: list[str]
    onboard_status: OnboardStatus
    onboard_confirmed_at: Instant | None
    payment_enabled: bool
    payment_status: PaymentStatus
    amount_due: int | None
    """In fen."""
    payment_amount: int | None
    paid_at: Instant | None
    signer_statuses: SignerStatuses
    created_at: Instant

    @classmethod
    def of(cls, contract: Contract, language: Language) -> "OwnContract":
        signed_at = {signer.role: signer.signed_at for signer in contract.signers}
        return cls(
            id=contract.id,
            version=contract.version,
            contract_number=contract.contract_number,
            order_category=contract.order_category,
            contract_type=contract.contract_type,
            contract_status=contract.contract_status,
            contract_status_text=STATUS_LABELS[contract.contract_status].in_language(language),
            customer_name=contract.customer_name,
            customer_phone=contract.customer_phone,
            worker_name=contract.worker_name or None,
            start_date=contract.start_date,
            end_date=contract.end_date,
            worker_salary=contract.worker_salary_fen,
            customer_service_fee=contract.customer_service_fee_fen,
            course_amount=contract.course_amount_fen,
            service_fee_amount=contract.service_fee_amount_fen,
            intended_courses=list(contract.intended_courses),
            onboard_status=contract.onboard_status,
            onboard_confirmed_at=contract.onboard_confirmed_at,
            payment_enabled=contract.payment_enabled,
            payment_status=contract.payment_status,
            amount_due=contract.amount_due_fen if contract.payment_enabled else None,
            payment_amount=contract.payment_amount,
            paid_at=contract.paid_at,
            signer_statuses=SignerStatuses(
                customer_signed=has_signed(contract, SignerRole.CUSTOMER),
                nanny_signed=has_signed(contract, SignerRole.WORKER),
                customer_signed_at=signed_at.get(SignerRole.CUSTOMER),
                nanny_signed_at=signed_at.get(SignerRole.WORKER),
            ),
            created_at=contract.created_at,
        )


class OwnContracts(Model):
    contracts: list[OwnContract]


class SigningUrl(Model):
    signing_url: str | None
    already_signed: bool

    @classmethod
    def of(cls, link: SignLink) -> "SigningUrl":
        return cls(
            signing_url=link.sign_url or None, already_signed=link.state is SignerState.SIGNED and not link.sign_url
        )


# --- a signed-in mini-program user


@endpoints.get("/mine", access=MiniProgramUser(), rate_limit=RateLimit.READ, message=FETCHED, raises=OWN)
async def mine(context: RequestContext) -> OwnContracts:
    """我的合同 · your contracts"""
    return await _list(context, await _own_phone(context))


@endpoints.get(
    "/mine/{contract_id}",
    access=MiniProgramUser(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*OWN, ContractNotFound),
)
async def one_of_mine(context: RequestContext, contract_id: EntityId) -> OwnContract:
    """我的合同详情 · one of your contracts"""
    return await _one(context, contract_id, await _own_phone(context))


@endpoints.get(
    "/mine/{contract_id}/signing-url",
    access=MiniProgramUser(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*OWN, ContractNotFound, TransitionNotAllowed, LinksNotReady, SigningMissing, *PROVIDER),
)
async def my_signing_url(context: RequestContext, contract_id: EntityId) -> SigningUrl:
    """我的签署链接 · your link to sign, good for half an hour"""
    return await _signing_url(context, contract_id, await _own_phone(context))


@endpoints.post(
    "/mine/{contract_id}/confirm-onboard",
    access=MiniProgramUser(),
    raises=(*OWN, ContractNotFound, TransitionNotAllowed),
    example={},
    **ONBOARD,
)
async def confirm_my_onboard(context: RequestContext, contract_id: EntityId, body: NoBody) -> OwnContract:
    """确认阿姨已上户 · confirm that the worker has moved in"""
    return await _confirm_onboard(context, contract_id, await _own_phone(context))


# --- a machine with our secret, which answers for the phone


@endpoints.get("", access=Machine(), rate_limit=RateLimit.READ, message=FETCHED)
async def list_contracts(context: RequestContext, query: PhoneQuery) -> OwnContracts:
    """客户的合同（X-Service-Secret）· a customer's contracts, for a machine with the secret"""
    return await _list(context, query.phone)


@endpoints.get(
    "/{contract_id}", access=Machine(), rate_limit=RateLimit.READ, message=FETCHED, raises=(ContractNotFound,)
)
async def get_contract(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> OwnContract:
    """客户的合同详情（X-Service-Secret）· one of them"""
    return await _one(context, contract_id, query.phone)


@endpoints.get(
    "/{contract_id}/signing-url",
    access=Machine(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(ContractNotFound, TransitionNotAllowed, LinksNotReady, SigningMissing, *PROVIDER),
)
async def signing_url(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> SigningUrl:
    """签署链接（X-Service-Secret）· the customer's link to sign"""
    return await _signing_url(context, contract_id, query.phone)


@endpoints.post(
    "/{contract_id}/confirm-onboard",
    access=Machine(),
    raises=(ContractNotFound, TransitionNotAllowed),
    example={"phone": "13800138000"},
    **ONBOARD,
)
async def confirm_onboard(context: RequestContext, contract_id: EntityId, body: PhoneBody) -> OwnContract:
    """确认上户（X-Service-Secret）· the worker has moved in"""
    return await _confirm_onboard(context, contract_id, body.phone)


PAYING: dict[str, Any] = {
    "access": Machine(),
    "rate_limit": RateLimit.WRITE,
    "audit": "contract.confirm-payment",
    "message": Text("支付已确认", "Payment confirmed"),
    "raises": (ContractNotFound, TransitionNotAllowed, PaymentMismatch, PaymentIdUsed, AlreadyPaid),
    "example": {
        "phone": "13800138000",
        "amount": 680000,
        "sqb_sn": "7895252051234567",
        "paidAt": "2026-05-01T02:00:00Z",
    },
}


@students.post("/{contract_id}/payment-confirm", **PAYING)
@endpoints.post("/{contract_id}/payment-confirm", **PAYING)
async def confirm_payment(context: RequestContext, contract_id: EntityId, body: PaymentBody) -> OwnContract:
    """确认支付（X-Service-Secret，幂等）· a payment was received; the same one twice is once"""
    payment = Payment(amount_fen=body.amount, sqb_sn=body.sqb_sn, paid_at=body.paid_at)
    customers = contracts_of(context).customers
    paid = await customers.confirm_payment(contract_id, body.phone, payment, context.actor)
    return OwnContract.of(paid, context.language)


@students.get("/my-order", access=Machine(), rate_limit=RateLimit.READ, message=FETCHED)
async def my_order(context: RequestContext, query: PhoneQuery) -> OwnContracts:
    """学员的培训订单（X-Service-Secret）· a student's orders"""
    found = await contracts_of(context).customers.list_of(query.phone, OrderCategory.TRAINING)
    return OwnContracts(contracts=[OwnContract.of(contract, context.language) for contract in found])


@students.get(
    "/{contract_id}/signing-url",
    access=Machine(),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(ContractNotFound, TransitionNotAllowed, LinksNotReady, SigningMissing, *PROVIDER),
)
async def student_signing_url(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> SigningUrl:
    """学员的签署链接（X-Service-Secret）· the student's link to sign"""
    return await _signing_url(context, contract_id, query.phone)


@students.get(
    "/{contract_id}/status", access=Machine(), rate_limit=RateLimit.READ, message=FETCHED, raises=(ContractNotFound,)
)
async def student_status(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> OwnContract:
    """学员的订单状态（X-Service-Secret）· how the student's order stands"""
    return await _one(context, contract_id, query.phone)


async def _own_phone(context: RequestContext) -> str:
    return await contracts_of(context).customers.verified_phone(context.actor.id)


async def _list(context: RequestContext, phone: str) -> OwnContracts:
    found = await contracts_of(context).customers.list_of(phone)
    return OwnContracts(contracts=[OwnContract.of(contract, context.language) for contract in found])


async def _one(context: RequestContext, contract_id: str, phone: str) -> OwnContract:
    return OwnContract.of(await contracts_of(context).customers.find(contract_id, phone), context.language)


async def _signing_url(context: RequestContext, contract_id: str, phone: str) -> SigningUrl:
    return SigningUrl.of(await contracts_of(context).customers.sign_link(contract_id, phone))


async def _confirm_onboard(context: RequestContext, contract_id: str, phone: str) -> OwnContract:
    customers = contracts_of(context).customers
    return OwnContract.of(await customers.confirm_onboard(contract_id, phone, context.actor), context.language)
