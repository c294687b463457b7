"""A follow-up (跟进): the note of a staff member, or of the system, about a contact with a customer."""

from enum import StrEnum
from typing import Final, Literal

from domain.shared.model import Instant, Model
from domain.shared.text import Text

FollowUpSource = Literal["human", "system"]


class FollowUpType(StrEnum):
    PHONE = "phone"
    WECHAT = "wechat"
    VISIT = "visit"
    OTHER = "other"


FOLLOW_UP_TYPE_LABELS: Final = {
    FollowUpType.PHONE: Text("电话", "Phone"),
    FollowUpType.WECHAT: Text("微信", "WeChat"),
    FollowUpType.VISIT: Text("到店", "Visit"),
    FollowUpType.OTHER: Text("其他", "Other"),
}


class FollowUp(Model):
    """A row of `customer_follow_ups`."""

    id: str
    customer_id: str
    type: FollowUpType
    content: str
    source: FollowUpSource = "human"
    """`system`: rows that the former system wrote by itself, such as at an assignment."""
    next_follow_up_at: Instant | None = None
    created_by: str = ""
    created_at: Instant
