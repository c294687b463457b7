"""Routes that create leads for households: the form of the website, and actions in the mini-program."""

from typing import Annotated, Literal

from pydantic import Field

from domain.customers.behaviour.model import BehaviourKind
from domain.customers.errors import UnknownDictionaryValue
from domain.shared.errors import RateLimited
from domain.shared.model import Model
from domain.shared.phone import Phone
from domain.shared.plain_text import one_line, several_lines
from domain.shared.text import Text
from http_api.core.access import PUBLIC, MiniProgramUser
from http_api.core.dates import InputDay
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import USER_ERRORS, Ignored
from http_api.routes.customers.common import PREFIX, TAG, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)
mini_program = Endpoints("/api/customer", tag=TAG)

Content = Annotated[str, several_lines(500)]
_UNAUDITED = "the record of the behaviour itself says who did what"


class WebsiteLeadBody(Model):
    name: Annotated[str, one_line(50, required=True)]
    phone: Phone
    service_category: Annotated[str, one_line(30)] = ""
    expected_start_date: InputDay | None = None
    area: Annotated[str, one_line(200)] = ""
    remarks: Content = ""
    lead_source: Ignored = None


class ActionBody(Model):
    """The session says who acts. `advisorId`: the staff member whose link the user followed."""

    action: Literal[BehaviourKind.VIEW_RESUME, BehaviourKind.CONTACT_ADVISOR, BehaviourKind.BOOK_SERVICE]
    resume_id: EntityId | Annotated[str, Field(max_length=0)] = ""
    advisor_id: EntityId | Annotated[str, Field(max_length=0)] = ""
    content: Content = ""
    openid: Ignored = None
    phone: Ignored = None


@endpoints.post(
    "/website-lead",
    access=PUBLIC,
    rate_limit=RateLimit.INQUIRY,
    unaudited=_UNAUDITED,
    message=Text("提交成功，我们会尽快与您联系", "Thank you. We will contact you soon"),
    raises=(UnknownDictionaryValue, RateLimited),
    status=201,
    example={"name": "王女士", "phone": "13800138000", "serviceCategory": "月嫂", "remarks": "预产期明年三月"},
)
async def website_lead(context: RequestContext, body: WebsiteLeadBody) -> None:
    """官网留资；已知与未知手机号的应答相同 · a website inquiry; the answer is the same for every phone"""
    await customers_of(context).behaviour.inquire(
        phone=body.phone,
        name=body.name,
        service_category=body.service_category,
        expected_start_date=body.expected_start_date,
        area=body.area,
        content=body.remarks,
    )


@mini_program.post(
    "/action",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    unaudited=_UNAUDITED,
    message=Text("已记录", "Recorded"),
    raises=USER_ERRORS,
    example={"action": "view_resume", "resumeId": "65f000000000000000000001"},
)
async def act(context: RequestContext, body: ActionBody) -> None:
    """小程序用户行为；当日重复只记一次 · an action of a mini-program user; a repetition on the same day adds nothing"""
    await customers_of(context).behaviour.act(
        body.action, context.actor.id, body.resume_id, body.advisor_id, body.content
    )
