"""The terms of a contract: parties, service and amounts. Editable in a draft, frozen once signing starts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, TypeAdapter

from domain.contracts.statuses import ContractType, OrderCategory
from domain.shared.business_day import Day
from domain.shared.id_card import StoredIdCard, birthday_of, has_birthday
from domain.shared.model import Model
from domain.shared.money import Fen
from domain.shared.phone import Phone
from domain.shared.plain_text import cleaned_line, cleaned_lines

EntityId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")]
"""A document's id, or empty."""
# Documents of the former system have to load, so these are cleaned and have no limit; requests have stricter types.
CleanLine = Annotated[str, cleaned_line()]
CleanLines = Annotated[str, cleaned_lines()]
DayOfMonth = Annotated[int, Field(ge=1, le=31)]

TemplateText = Annotated[str, StringConstraints(max_length=2000)]
TemplateValue = TemplateText | Annotated[tuple[TemplateText, ...], Field(max_length=50)]
TemplateKey = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^$.\x00][^.\x00]*$")]
"""A key that MongoDB also accepts as a field name."""
TemplateParams = Annotated[dict[TemplateKey, TemplateValue], Field(max_length=100)]

CONTACT_FIELDS: Final = frozenset({"customer_phone", "customer_address", "worker_phone", "worker_address", "remarks"})
"""Contact details stay editable after signing. The signed snapshot does not change with them."""
TRAINING_FIELDS: Final = frozenset(
    {"training_lead_id", "course_amount_fen", "service_fee_amount_fen", "intended_courses", "consult_position"}
)
"""The terms that only training orders have."""


class ContractTerms(Model):
    """An empty text or None means that the term is not set."""

    order_category: OrderCategory = OrderCategory.HOUSEKEEPING
    contract_type: ContractType | None = None
    customer_name: CleanLine = ""
    customer_phone: Phone | Annotated[str, StringConstraints(max_length=0)] = ""
    customer_id_card: StoredIdCard = ""
    customer_address: CleanLine = ""
    customer_id: EntityId = ""
    worker_name: CleanLine = ""
    worker_phone: Phone | Annotated[str, StringConstraints(max_length=0)] = ""
    worker_id_card: StoredIdCard = ""
    worker_address: CleanLine = ""
    worker_id: EntityId = ""
    start_date: Day | None = None
    end_date: Day | None = None
    worker_salary_fen: Fen | None = None
    customer_service_fee_fen: Fen | None = None
    worker_service_fee_fen: Fen | None = None
    deposit_fen: Fen | None = None
    final_payment_fen: Fen | None = None
    expected_delivery_date: Day | None = None
    salary_payment_day: DayOfMonth | None = None
    monthly_work_days: DayOfMonth | None = None
    remarks: CleanLines = ""
    training_lead_id: EntityId = ""
    course_amount_fen: Fen | None = None
    service_fee_amount_fen: Fen | None = None
    intended_courses: Annotated[tuple[CleanLine, ...], Field(max_length=50)] = ()
    consult_position: CleanLine = ""
    payment_enabled: bool = False
    esign_template_no: Annotated[str, StringConstraints(max_length=64)] = ""
    template_params: TemplateParams = Field(default_factory=dict)

    @property
    def is_training(self) -> bool:
        return self.order_category is OrderCategory.TRAINING

    @property
    def amount_due_fen(self) -> int | None:
        """The amount that the customer or student pays the agency. A payment must have exactly this amount."""
        if self.is_training:
            return self.service_fee_amount_fen or self.course_amount_fen
        return self.customer_service_fee_fen

    def missing_for_draft(self) -> list[str]:
        """The wire names of the fields that a draft requires and these terms lack."""
        needed = ["customer_name", "customer_phone"]
        if not self.is_training:
            needed += ["contract_type", "worker_name", "worker_phone", "start_date", "end_date"]
            needed += ["worker_salary_fen", "customer_service_fee_fen"]
        return self._unset(needed)

    def missing_to_sign(self) -> list[str]:
        """The wire names of the fields that signing requires and these terms lack."""
        needed = ["customer_id_card", "esign_template_no"]
        if self.is_training:
            needed += ["service_fee_amount_fen"] if self.payment_enabled and not self.amount_due_fen else []
        else:
            needed += ["worker_id_card"]
        return [*self.missing_for_draft(), *self._unset(needed)]

    def contradictions(self) -> list[str]:
        """The wire names of fields that contradict other fields."""
        contradicting = []
        if self.start_date and self.end_date and self.end_date < self.start_date:
            contradicting.append("end_date")
        if self.customer_id_card and self.customer_id_card == self.worker_id_card:
            contradicting.append("worker_id_card")
        return [wire_name(name) for name in contradicting]

    def unborn(self, today: date) -> list[str]:
        """The wire names of the card numbers whose birthday is no day up to today."""
        cards = ("customer_id_card", "worker_id_card")
        values = {wire_name(name): getattr(self, name) for name in cards if getattr(self, name)}
        return [name for name, card in values.items() if not has_birthday(card) or birthday_of(card) > today]

    def foreign_terms(self) -> list[str]:
        """The wire names of the terms that are set although the category has no such terms."""
        if self.is_training:
            return []
        return sorted(wire_name(name) for name in TRAINING_FIELDS if getattr(self, name) not in ("", None, ()))

    def with_terms(self, fields: Mapping[str, Any]) -> Self:
        return self.model_copy(update=dict(fields))

    def terms(self) -> "ContractTerms":
        """The terms without the rest of the contract."""
        return ContractTerms.model_construct(**{name: getattr(self, name) for name in ContractTerms.model_fields})

    def _unset(self, names: list[str]) -> list[str]:
        return [wire_name(name) for name in names if getattr(self, name) in ("", None)]


_TERMS = TypeAdapter(ContractTerms)


def validated_terms(fields: Mapping[str, Any]) -> ContractTerms:
    """Terms from unvalidated values. Raises pydantic's ValidationError."""
    return _TERMS.validate_python(dict(fields))


def wire_name(name: str) -> str:
    """The name of a term on the wire, where amounts are yuan and carry no unit in their name."""
    alias = ContractTerms.model_fields[name].alias or name
    return alias.removesuffix("Fen")


ALL_TERMS: Final = frozenset(wire_name(name) for name in ContractTerms.model_fields)
