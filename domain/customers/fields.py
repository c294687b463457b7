"""Fields of a customer that staff enter: contact, demand and remarks."""

from typing import Annotated

from domain.shared.business_day import Day
from domain.shared.model import Model
from domain.shared.money import Fen
from domain.shared.plain_text import cleaned_line, cleaned_lines

Line = Annotated[str, cleaned_line()]
Lines = Annotated[str, cleaned_lines()]


class CustomerFields(Model):
    """The fields that staff enter: contact, demand and remarks. Enumerated values are texts of the dictionaries."""

    name: Line = ""
    phone: str = ""
    wechat_id: Line = ""
    id_card_number: Line = ""
    lead_source: Line = "其他"
    service_category: Line = ""
    salary_budget: int | None = None
    """Whole yuan a month."""
    expected_start_date: Day | None = None
    expected_delivery_date: Day | None = None
    service_days: int | None = None
    home_area: int | None = None
    family_size: int | None = None
    rest_schedule: Line = ""
    address: Line = ""
    area: Line = ""
    age_requirement: Line = ""
    gender_requirement: Line = ""
    origin_requirement: Line = ""
    education_requirement: Line = ""
    deal_amount_fen: Fen | None = None
    remarks: Lines = ""
    need_order_type: Line = ""
    need_salary: Line = ""
    need_rest_time: Line = ""
    need_onboarding_time: Line = ""
    need_house_area: Line = ""
    need_family_members: Line = ""
    need_service_address: Line = ""
    need_working_hours: Line = ""
    need_work_content: Lines = ""
    need_remarks: Lines = ""
    need_service_period: Line = ""
