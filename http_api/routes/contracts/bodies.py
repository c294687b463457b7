"""Request bodies with the terms of a contract."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, StringConstraints, model_validator

from domain.contracts.statuses import ContractType, OrderCategory
from domain.contracts.terms import ContractTerms, DayOfMonth, validated_terms
from domain.shared.id_card import IdCard
from domain.shared.model import JsonBool, Model
from domain.shared.money import YuanInput
from domain.shared.phone import Phone
from domain.shared.plain_text import one_line, several_lines
from http_api.core.dates import InputDay
from http_api.core.endpoint import EntityId
from http_api.core.route_constants import ExpectedVersion, Ignored
from http_api.routes.contracts.common import TemplateNo

Name = Annotated[str, one_line(50)]
Address = Annotated[str, one_line(200)]
Remarks = Annotated[str, several_lines(2000)]
Masked = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,4}\*{4,10}[0-9A-Za-z]{0,4}$")]
"""A masked value as responses show it. A client may send it back: the stored value stays."""

_TEMPLATE_TEXT: Final = several_lines(2000)
_MAX_CHOICES: Final = 50


def template_value(sent: object) -> str | tuple[str, ...]:
    """A text, or the texts of several choices. One function, because a union would name its branches in errors."""
    if isinstance(sent, str):
        return _TEMPLATE_TEXT.check(sent)
    if not isinstance(sent, list | tuple) or not all(isinstance(each, str) for each in sent):
        raise ValueError("应为文本或文本列表 / must be a text or a list of texts")
    if len(sent) > _MAX_CHOICES:
        raise ValueError(f"最多 {_MAX_CHOICES} 项 / must have at most {_MAX_CHOICES} items")
    return tuple(_TEMPLATE_TEXT.check(each) for each in sent)


_TemplateText = Annotated[str, _TEMPLATE_TEXT]
TemplateValue = Annotated[
    str | tuple[str, ...],
    PlainValidator(
        template_value,
        json_schema_input_type=_TemplateText | Annotated[tuple[_TemplateText, ...], Field(max_length=_MAX_CHOICES)],
    ),
]
TemplateKey = Annotated[
    str,
    StringConstraints(
        max_length=60,
        # MongoDB accepts it as a field name. A template has no other keys than its provider has defined.
        pattern=r"^[^$.\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
        r"[^.\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*$",
    ),
]
TemplateParams = Annotated[dict[TemplateKey, TemplateValue], Field(max_length=100)]


class TermsBody(Model):
    """The terms of a contract. Amounts are yuan. Fields with Chinese names are fields of the template and are added to
    `templateParams`."""

    contract_type: ContractType | None = None
    customer_name: Name | None = None
    customer_phone: Phone | Masked | None = None
    customer_id_card: IdCard | Masked | None = None
    customer_address: Address | None = None
    customer_id: EntityId | None = None
    worker_name: Name | None = None
    worker_phone: Phone | Masked | None = None
    worker_id_card: IdCard | Masked | None = None
    worker_address: Address | None = None
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
    remarks: Remarks | None = None
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
        template_fields = template_fields_in(sent)
        rest = {name: value for name, value in sent.items() if name.isascii() and not name.endswith("_index")}
        if template_fields:
            params = rest.get("templateParams")
            rest["templateParams"] = {**(params if isinstance(params, dict) else {}), **_as_texts(template_fields)}
        return rest

    def to_terms(self) -> dict[str, Any]:
        """The terms in the body under their names in the domain. None clears a term; a masked value changes nothing."""
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
    """一客两单: create a second contract although the customer has one."""

    def to_terms(self) -> dict[str, Any]:
        terms = {name: value for name, value in super().to_terms().items() if value is not None}
        if self.order_category is OrderCategory.TRAINING:
            terms.setdefault("payment_enabled", True)
        return {**terms, "order_category": self.order_category}

    def to_contract_terms(self) -> ContractTerms:
        return validated_terms(self.to_terms())

    def as_training(self) -> "CreateBody":
        """The same body for a training order, whatever category it named."""
        return self.model_copy(update={"order_category": OrderCategory.TRAINING})


class UpdateBody(TermsBody):
    version: ExpectedVersion | None = None
    """The version that the client's form shows."""


_YUAN: Final = (
    *("worker_salary", "customer_service_fee", "worker_service_fee", "deposit", "final_payment"),
    *("course_amount", "service_fee_amount"),
)
_NOT_TERMS: Final = (
    *("template_no", "contract_amount", "service_start_date", "service_end_date", "service_content"),
    *("service_frequency", "payment_method", "special_requirements"),
)
_TERMS: Final = {
    name: f"{name}_fen" if name in _YUAN else name for name in TermsBody.model_fields if name not in _NOT_TERMS
}
_TEXTS: Final = frozenset(
    name for name in _TERMS if name.startswith(("customer_", "worker_")) and name not in _YUAN
) | {"remarks", "training_lead_id", "consult_position", "esign_template_no"}


def template_fields_in(sent: Mapping[str, object]) -> dict[str, object]:
    """The entries of a body whose names are a template's: not ASCII, and no index of a drop-down list."""
    return {key: value for key, value in sent.items() if not key.isascii() and not key.endswith("_index")}


def _as_texts(fields: Mapping[str, object]) -> dict[str, object]:
    """Numbers and booleans in the form in which a template shows them."""
    texts: dict[str, object] = {}
    for key, value in fields.items():
        if value is None:
            continue
        if isinstance(value, bool):
            texts[key] = "是" if value else "否"
        else:
            texts[key] = str(value) if isinstance(value, int | float) else value
    return texts
