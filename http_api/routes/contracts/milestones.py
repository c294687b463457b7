"""Routes of the milestones after signing, for staff: the worker has started (上户), a payment has arrived."""

from domain.contracts.errors import AlreadyPaid, PaymentIdUsed, PaymentMismatch, TransitionNotAllowed
from domain.contracts.milestones import Payment
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.money import Fen
from domain.shared.text import Text
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import CONTRACT_ERRORS, TAG, WRITE, PaymentNumber, contracts_of
from http_api.routes.contracts.contract_answers import ContractDetail, detail

endpoints = Endpoints("/api/contracts", tag=TAG)


class OnboardBody(Model):
    """Empty: the path names the contract."""


class RecordPaymentBody(Model):
    amount: Fen
    """In fen; exactly the amount due."""
    payment_number: PaymentNumber
    """Of the payment or its receipt; it pays one contract."""
    paid_at: InputInstant


@endpoints.post(
    "/{contract_id}/confirm-onboard",
    audit="contract.confirm-onboard",
    message=Text("已确认上户", "Onboarding confirmed"),
    raises=(*CONTRACT_ERRORS, TransitionNotAllowed),
    example={},
    **WRITE,
)
async def confirm_onboard(context: RequestContext, contract_id: EntityId, body: OnboardBody) -> ContractDetail:
    """确认阿姨已上户（员工代客户确认，幂等）· confirm for the customer that the worker has started"""
    milestones = contracts_of(context).milestones
    return await detail(context, await milestones.confirm_onboard(contract_id, context.staff, context.actor))


@endpoints.post(
    "/{contract_id}/record-payment",
    audit="contract.record-payment",
    message=Text("收款已登记", "Payment recorded"),
    raises=(*CONTRACT_ERRORS, TransitionNotAllowed, PaymentMismatch, PaymentIdUsed, AlreadyPaid, PermissionDenied),
    example={"amount": 680000, "paymentNumber": "7895252051234567", "paidAt": "2026-05-01T02:00:00Z"},
    **WRITE,
)
async def record_payment(context: RequestContext, contract_id: EntityId, body: RecordPaymentBody) -> ContractDetail:
    """登记线下收款（经理以上，幂等）· record a payment received outside of the mini-program; managers only"""
    payment = Payment(amount_fen=body.amount, sqb_sn=body.payment_number, paid_at=body.paid_at)
    milestones = contracts_of(context).milestones
    return await detail(context, await milestones.record_payment(contract_id, payment, context.staff, context.actor))
