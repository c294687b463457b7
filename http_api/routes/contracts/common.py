"""What the routes of contracts share: bodies, answers' helpers, and how to reach the use cases."""

from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, model_validator

from domain.contracts.data_scope import DataScope, scope_of
from domain.contracts.drafting.templates import chinese_keys
from domain.contracts.errors import ContractNotFound, ContractVersionConflict
from domain.contracts.services import ContractServices
from domain.contracts.statuses import ContractType, OrderCategory
from domain.contracts.terms import (
    DayOfMonth,
    Line,
    Name,
    Paragraph,
    TemplateParams,
)
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.id_card import IdCard
from domain.shared.model import JsonBool, Model
from domain.shared.money import YuanInput
from domain.shared.phone import Phone
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.dates import InputDay
from http_api.core.endpoint import EntityId, RequestContext
from http_api.core.route_constants import STAFF_ERRORS, ExpectedVersion, Ignored

TAG: Final = Text("合同", "Contracts")

VIEW: Final = Staff("contract:view")
CREATE: Final = Staff("contract:create")
EDIT: Final = Staff("contract:edit")
DELETE: Final = Staff("contract:delete")

ONE: Final = (*STAFF_ERRORS, ContractNotFound)
CHANGED: Final = (*ONE, ContractVersionConflict)
PROVIDER: Final = (UpstreamFailed, UpstreamTimedOut)

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
OptionalReason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
TemplateNo = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
Masked = Annotated[str, StringConstraints(pattern=r"^[^*]{0,4}\*{4,10}[^*]{0,4}$")]
"""A value as answers show it, sent back unchanged."""


def contracts_of(context: RequestContext) -> ContractServices:
    return context.services.contracts


def scope(context: RequestContext) -> DataScope:
    return scope_of(context.staff)


class TermsBody(Model):
    """What a contract says. Amounts are yuan. Fields with Chinese names are the template's (`templateParams`)."""

    contract_type: ContractType | None = None
    customer_name: Name | None = None
    customer_phone: Phone | Masked | None = None
    customer_id_card: IdCard | Masked | None = None
    customer_address: Line | None = None
    customer_id: EntityId | None = None
    worker_name: Name | None = None
    worker_phone: Phone | Masked | None = None
    worker_id_card: IdCard | Masked | None = None
    worker_address: Line | None = None
    worker_id: EntityId | None = None
    start_date: InputDay | None = None
    end_date: InputDay | None = None
    worker_salary: YuanInput | None = None
    customer_service_fee: YuanInput | None = None
    worker_service_fee: YuanInput | None = None
    deposit: YuanInput | None = None
    final_payment: YuanInput | None = None
    expected_delivery_date: InputDay | None = None
    salary_payment_day: DayOfMonth | None = None
    monthly_work_days: DayOfMonth | None = None
    remarks: Paragraph | None = None
    training_lead_id: EntityId | None = None
    course_amount: YuanInput | None = None
    service_fee_amount: YuanInput | None = None
    intended_courses: Annotated[list[Name], Field(max_length=50)] | None = None
    consult_position: Name | None = None
    payment_enabled: JsonBool | None = None
    esign_template_no: TemplateNo | None = None
    template_no: TemplateNo | None = None
    template_params: TemplateParams | None = None
    contract_amount: Ignored = None
    service_start_date: Ignored = None
    service_end_date: Ignored = None
    service_content: Ignored = None
    service_frequency: Ignored = None
    payment_method: Ignored = None
    special_requirements: Ignored = None

    @model_validator(mode="before")
    @classmethod
    def _gather_template_fields(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        chinese = chinese_keys(sent)
        rest = {name: value for name, value in sent.items() if name.isascii() and not name.endswith("_index")}
        if chinese:
            given = rest.get("templateParams")
            rest["templateParams"] = {**(given if isinstance(given, dict) else {}), **_texts(chinese)}
        return rest

    def to_terms(self) -> dict[str, Any]:
        """The terms that were sent, as the domain names them. None empties one; a masked value leaves it alone."""
        found: dict[str, Any] = {}
        for name in self.model_fields_set & _TERMS.keys():
            value, term = getattr(self, name), _TERMS[name]
            if isinstance(value, str) and "****" in value:
                continue
            if value is None and term in _TEXTS:
                value = ""
            found[term] = tuple(value) if isinstance(value, list) else value
        for name in ("intended_courses", "template_params", "payment_enabled"):
            if name in found and found[name] is None:
                del found[name]
        if self.template_no is not None:
            found["esign_template_no"] = self.template_no
        return found


class CreateBody(TermsBody):
    order_category: OrderCategory = OrderCategory.HOUSEKEEPING
    force_create_new: JsonBool = False
    """一客两单: a further order of a customer who has one."""

    def to_terms(self) -> dict[str, Any]:
        terms = {name: value for name, value in super().to_terms().items() if value is not None}
        if self.order_category is OrderCategory.TRAINING:
            terms.setdefault("payment_enabled", True)
        return {**terms, "order_category": self.order_category}


class UpdateBody(TermsBody):
    version: ExpectedVersion | None = None
    """The version that the form was filled from."""


class ReasonBody(Model):
    reason: OptionalReason = ""


_YUAN: Final = (
    *("worker_salary", "customer_service_fee", "worker_service_fee", "deposit", "final_payment"),
    *("course_amount", "service_fee_amount"),
)
_NO_TERMS: Final = (
    *("template_no", "contract_amount", "service_start_date", "service_end_date", "service_content"),
    *("service_frequency", "payment_method", "special_requirements"),
)
_TERMS: Final = {
    name: f"{name}_fen" if name in _YUAN else name for name in TermsBody.model_fields if name not in _NO_TERMS
}
_TEXTS: Final = frozenset(
    name for name in _TERMS if name.startswith(("customer_", "worker_")) and name not in _YUAN
) | {"remarks", "training_lead_id", "consult_position", "esign_template_no"}


def _texts(fields: dict[str, object]) -> dict[str, object]:
    """Numbers and switches as the template shows them."""
    shown: dict[str, object] = {}
    for key, value in fields.items():
        if value is None:
            continue
        if isinstance(value, bool):
            shown[key] = "是" if value else "否"
        else:
            shown[key] = str(value) if isinstance(value, int | float) else value
    return shown
