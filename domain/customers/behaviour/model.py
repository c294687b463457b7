"""Behaviour of a household (客户行为): an inquiry on the website, or an action in the mini-program."""

from enum import StrEnum
from typing import Annotated, Final, Self

from domain.shared.business_day import Day, business_day
from domain.shared.entity import Entity
from domain.shared.model import Instant
from domain.shared.plain_text import cleaned_line, cleaned_lines
from domain.shared.text import Text

Line = Annotated[str, cleaned_line()]


class BehaviourKind(StrEnum):
    """Stored under the names of the former system."""

    WEBSITE_LEAD = "website_lead"
    VIEW_RESUME = "view_resume"
    CONTACT_ADVISOR = "contact_advisor"
    BOOK_SERVICE = "book_service"


BEHAVIOUR_LABELS: Final = {
    BehaviourKind.WEBSITE_LEAD: Text("官网留资", "Website inquiry"),
    BehaviourKind.VIEW_RESUME: Text("查看简历", "Viewed a résumé"),
    BehaviourKind.CONTACT_ADVISOR: Text("联系顾问", "Contacted the advisor"),
    BehaviourKind.BOOK_SERVICE: Text("预约服务", "Booked a service"),
}


class Behaviour(Entity):
    """A document of `customer_actions`. Stored first; `LeadMaker` finds or makes its customer afterwards."""

    action: BehaviourKind
    user_id: str = ""
    """The mini-program user; empty for the website."""
    phone: str = ""
    name: Line = ""
    """Both are removed once the customer is known, whose record has them."""
    service_category: Line = ""
    expected_start_date: Day | None = None
    area: Line = ""
    content: Annotated[str, cleaned_lines()] = ""
    """The text that the household wrote."""
    resume_id: str = ""
    advisor_id: str = ""
    """The staff member whose link the household followed: the owner of a new customer."""
    customer_id: str = ""
    """Empty until the customer is known. An action of a user without a verified phone waits for one."""
    at: Instant

    @property
    def once_key(self) -> str:
        """Equal for a repetition of an action on the same business day, which adds nothing."""
        if not self.user_id:
            return ""
        return f"{self.user_id}:{self.action}:{self.resume_id}:{business_day(self.at).isoformat()}"

    def of_customer(self, customer_id: str) -> Self:
        return self.model_copy(update={"customer_id": customer_id, "phone": "", "name": ""})
