"""Routes of customers and students in the mini-program for their own contracts.

Two kinds of callers use the same implementation. `/mine` serves a logged-in mini-program user, whose phone WeChat has
verified. The other routes serve a machine with the service secret (the cloud function of the legacy mini-program),
which names the phone in the request.
"""

from typing import Annotated, Any, Final

from pydantic import Field

from domain.contracts.customer_self_service import PhoneNotVerified
from domain.contracts.errors import (
    AlreadyPaid,
    ContractNotFound,
    LinksNotReady,
    PaymentIdUsed,
    PaymentMismatch,
    SigningMissing,
    TransitionNotAllowed,
)
from domain.contracts.milestones import Payment
from domain.contracts.statuses import OrderCategory
from domain.shared.model import Model
from domain.shared.money import Fen
from domain.shared.phone import Phone
from domain.shared.text import Text
from http_api.core.access import Machine, MiniProgramUser
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED, USER_ERRORS
from http_api.routes.contracts.common import PROVIDER_ERRORS, PaymentNumber, contracts_of
from http_api.routes.contracts.customer_answers import OwnContract, OwnContracts, SigningUrl

CUSTOMERS_TAG: Final = Text("客户的合同", "A customer's contracts")
endpoints = Endpoints("/api/miniprogram/contracts", tag=CUSTOMERS_TAG)
students = Endpoints("/api/miniprogram/training-orders/baobei", tag=CUSTOMERS_TAG)

OWN_ERRORS: Final = (*USER_ERRORS, PhoneNotVerified)
LINK_ERRORS: Final = (ContractNotFound, TransitionNotAllowed, LinksNotReady, SigningMissing, *PROVIDER_ERRORS)
OWN: Final[dict[str, Any]] = {"access": MiniProgramUser(), "rate_limit": RateLimit.READ, "message": FETCHED}
BY_PHONE: Final[dict[str, Any]] = {"access": Machine(), "rate_limit": RateLimit.READ, "message": FETCHED}
ONBOARD: Final[dict[str, Any]] = {
    "rate_limit": RateLimit.WRITE,
    "audit": "contract.confirm-onboard",
    "message": Text("已确认上户", "Confirmed"),
}
PAYMENT: Final[dict[str, Any]] = {
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


class PhoneQuery(Model):
    phone: Phone


class PhoneBody(Model):
    phone: Phone


class NoBody(Model):
    """Empty: the path names the contract."""


class PaymentBody(Model):
    phone: Phone
    amount: Fen
    """In fen."""
    sqb_sn: Annotated[PaymentNumber, Field(alias="sqb_sn")]
    paid_at: InputInstant


# --- for a logged-in mini-program user


@endpoints.get("/mine", raises=OWN_ERRORS, **OWN)
async def mine(context: RequestContext) -> OwnContracts:
    """我的合同 · your contracts"""
    return await _list(context, await _own_phone(context))


@endpoints.get("/mine/{contract_id}", raises=(*OWN_ERRORS, ContractNotFound), **OWN)
async def one_of_mine(context: RequestContext, contract_id: EntityId) -> OwnContract:
    """我的合同详情 · one of your contracts"""
    return await _one(context, contract_id, await _own_phone(context))


@endpoints.get("/mine/{contract_id}/signing-url", raises=(*OWN_ERRORS, *LINK_ERRORS), **OWN)
async def my_signing_url(context: RequestContext, contract_id: EntityId) -> SigningUrl:
    """我的签署链接 · your sign link, valid for half an hour"""
    return await _signing_url(context, contract_id, await _own_phone(context))


@endpoints.post(
    "/mine/{contract_id}/confirm-onboard",
    access=MiniProgramUser(),
    raises=(*OWN_ERRORS, ContractNotFound, TransitionNotAllowed),
    example={},
    **ONBOARD,
)
async def confirm_my_onboard(context: RequestContext, contract_id: EntityId, body: NoBody) -> OwnContract:
    """确认阿姨已上户 · confirm that the worker has started in your household"""
    return await _confirm_onboard(context, contract_id, await _own_phone(context))


# --- for a machine with the service secret, which names the phone


@endpoints.get("", **BY_PHONE)
async def list_contracts(context: RequestContext, query: PhoneQuery) -> OwnContracts:
    """客户的合同（X-Service-Secret）· a customer's contracts, for a machine with the secret"""
    return await _list(context, query.phone)


@students.get("/{contract_id}/status", raises=(ContractNotFound,), **BY_PHONE)
@endpoints.get("/{contract_id}", raises=(ContractNotFound,), **BY_PHONE)
async def get_contract(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> OwnContract:
    """客户的合同或学员的订单（X-Service-Secret）· one contract of a customer, or one order of a student"""
    return await _one(context, contract_id, query.phone)


@students.get("/{contract_id}/signing-url", raises=LINK_ERRORS, **BY_PHONE)
@endpoints.get("/{contract_id}/signing-url", raises=LINK_ERRORS, **BY_PHONE)
async def signing_url(context: RequestContext, contract_id: EntityId, query: PhoneQuery) -> SigningUrl:
    """客户或学员的签署链接（X-Service-Secret）· the sign link of the customer or student"""
    return await _signing_url(context, contract_id, query.phone)


@endpoints.post(
    "/{contract_id}/confirm-onboard",
    access=Machine(),
    raises=(ContractNotFound, TransitionNotAllowed),
    example={"phone": "13800138000"},
    **ONBOARD,
)
async def confirm_onboard(context: RequestContext, contract_id: EntityId, body: PhoneBody) -> OwnContract:
    """确认上户（X-Service-Secret）· confirm that the worker has started in the household"""
    return await _confirm_onboard(context, contract_id, body.phone)


@students.post("/{contract_id}/payment-confirm", **PAYMENT)
@endpoints.post("/{contract_id}/payment-confirm", **PAYMENT)
async def confirm_payment(context: RequestContext, contract_id: EntityId, body: PaymentBody) -> OwnContract:
    """确认支付（X-Service-Secret，幂等）· record a received payment; repeating the same payment changes nothing"""
    payment = Payment(amount_fen=body.amount, sqb_sn=body.sqb_sn, paid_at=body.paid_at)
    customers = contracts_of(context).customers
    paid = await customers.confirm_payment(contract_id, body.phone, payment, context.actor)
    return OwnContract.of(paid, context.language)


@students.get("/my-order", **BY_PHONE)
async def my_order(context: RequestContext, query: PhoneQuery) -> OwnContracts:
    """学员的培训订单（X-Service-Secret）· a student's orders"""
    return await _list(context, query.phone, OrderCategory.TRAINING)


async def _own_phone(context: RequestContext) -> str:
    return await contracts_of(context).customers.verified_phone(context.actor.id)


async def _list(context: RequestContext, phone: str, category: OrderCategory | None = None) -> OwnContracts:
    found = await contracts_of(context).customers.list_of(phone, category)
    return OwnContracts(contracts=[OwnContract.of(contract, context.language) for contract in found])


async def _one(context: RequestContext, contract_id: str, phone: str) -> OwnContract:
    return OwnContract.of(await contracts_of(context).customers.find(contract_id, phone), context.language)


async def _signing_url(context: RequestContext, contract_id: str, phone: str) -> SigningUrl:
    return SigningUrl.of(await contracts_of(context).customers.sign_link(contract_id, phone))


async def _confirm_onboard(context: RequestContext, contract_id: str, phone: str) -> OwnContract:
    customers = contracts_of(context).customers
    return OwnContract.of(await customers.confirm_onboard(contract_id, phone, context.actor), context.language)
