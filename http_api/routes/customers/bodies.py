"""Request bodies with the fields of a customer."""

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.customers.fields import CustomerFields
from domain.customers.levels import LeadLevel
from domain.customers.stages import Stage
from domain.shared.id_card import IdCard
from domain.shared.model import Model
from domain.shared.money import FEN_PER_YUAN, YuanInput
from domain.shared.phone import Phone
from domain.shared.plain_text import one_line, several_lines
from http_api.core.dates import InputDay
from http_api.core.endpoint import EntityId
from http_api.core.route_constants import ExpectedVersion
from http_api.routes.customers.common import OptionalReason

MAX_DEAL_FEN: Final = 10_000_000 * FEN_PER_YUAN

Masked = Annotated[str, StringConstraints(pattern=r"^[^\s*]{0,4}\*{4,10}[^\s*]{0,4}$", max_length=20)]
"""A masked value as answers show it. A client may send it back: the stored value stays."""
Nothing = Annotated[str, Field(max_length=0, pattern="^$")]
WeChatId = Annotated[str, one_line(64)]
Choice = Annotated[str, one_line(30)]
Line = Annotated[str, one_line(200)]
Lines = Annotated[str, several_lines(2000)]


def _within_deals(fen: int) -> int:
    if fen > MAX_DEAL_FEN:
        raise ValueError("不能超过 10,000,000 元 / at most 10,000,000 yuan")
    return fen


DealAmount = Annotated[YuanInput, AfterValidator(_within_deals)]

_ALIASES: Final = {"notes": "remarks", "serviceType": "serviceCategory"}
_NAMES: Final = {"deal_amount": "deal_amount_fen"}
"""Fields whose name in the domain differs."""
_MASKED: Final = ("phone", "wechat_id", "id_card_number")
_DEFAULTS: Final = CustomerFields()


class CustomerFieldsBody(Model):
    """Absent fields keep their values; null or an empty text removes a value."""

    phone: Phone | Nothing | Masked | None = None
    wechat_id: WeChatId | None = None
    id_card_number: IdCard | Masked | None = None
    lead_source: Choice | None = None
    service_category: Choice | None = None
    salary_budget: Annotated[int, Field(ge=0, le=50_000)] | None = None
    expected_start_date: InputDay | None = None
    expected_delivery_date: InputDay | None = None
    service_days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    home_area: Annotated[int, Field(ge=0, le=1_000)] | None = None
    family_size: Annotated[int, Field(ge=0, le=20)] | None = None
    rest_schedule: Choice | None = None
    address: Line | None = None
    area: Line | None = None
    age_requirement: Line | None = None
    gender_requirement: Line | None = None
    origin_requirement: Line | None = None
    education_requirement: Choice | None = None
    deal_amount: DealAmount | None = None
    remarks: Lines | None = None
    need_order_type: Line | None = None
    need_salary: Line | None = None
    need_rest_time: Line | None = None
    need_onboarding_time: Line | None = None
    need_house_area: Line | None = None
    need_family_members: Line | None = None
    need_service_address: Line | None = None
    need_working_hours: Line | None = None
    need_work_content: Lines | None = None
    need_remarks: Lines | None = None
    need_service_period: Line | None = None
    lead_level: LeadLevel | None = None
    contract_status: Stage | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_present_names(cls, sent: Any) -> Any:
        """Legacy clients call two fields otherwise."""
        if not isinstance(sent, dict):
            return sent
        return {_ALIASES.get(name, name) if _ALIASES.get(name) not in sent else name: sent[name] for name in sent}

    def to_fields(self) -> dict[str, Any]:
        """The values that were sent, by their names in the domain, without masked ones."""
        sent = self.model_fields_set & self._names()
        values = {_NAMES.get(name, name): getattr(self, name) for name in sent if not self._is_masked(name)}
        return {name: getattr(_DEFAULTS, name) if value is None else value for name, value in values.items()}

    @classmethod
    def _names(cls) -> set[str]:
        return {name for name in cls.model_fields if _NAMES.get(name, name) in CustomerFields.model_fields}

    def _is_masked(self, name: str) -> bool:
        return name in _MASKED and "****" in (getattr(self, name) or "")


class NewCustomerBody(CustomerFieldsBody):
    """A lead level, if given, is one of A to D. Without `assignedTo` the customer is the caller's own."""

    name: Annotated[str, one_line(50, required=True)]
    assigned_to: EntityId | Nothing | None = None
    assignment_reason: OptionalReason | None = None

    @model_validator(mode="after")
    def _has_real_contacts(self) -> Self:
        if any(self._is_masked(name) for name in _MASKED):
            raise ValueError("请填写完整的号码 / give the numbers in full")
        return self


class CustomerEditBody(CustomerFieldsBody):
    name: Annotated[str, one_line(50, required=True)] | None = None
    version: ExpectedVersion | None = None
    """The version that the client has loaded."""

    @model_validator(mode="after")
    def _keeps_a_name(self) -> Self:
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError("姓名不能为空 / a customer has a name")
        return self
