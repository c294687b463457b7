"""The route of daily, weekly and monthly reports."""

from domain.customers.reports.model import ReportFigures, ReportPeriod
from domain.shared.business_day import Day
from domain.shared.model import Model
from http_api.core.dates import InputDay
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.common import PREFIX, READ, TAG, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)


class ReportQuery(Model):
    """The period that has `date`, by default the present one; weeks begin on Monday."""

    period: ReportPeriod = ReportPeriod.DAY
    date: InputDay | None = None


class PersonReport(ReportFigures):
    staff_id: str
    name: str | None


class ReportAnswer(Model):
    """`people`: those within your data scope who did something, by name."""

    period: ReportPeriod
    first_day: Day
    last_day: Day
    people: list[PersonReport]
    total: ReportFigures


@endpoints.get("/reports", raises=STAFF_ERRORS, **READ)
async def report(context: RequestContext, query: ReportQuery) -> ReportAnswer:
    """销售日报、周报、月报：跟进、新增、领取、签约 · follow-ups, new, claimed and signed customers of each person"""
    customers = customers_of(context)
    found = await customers.reports.report(query.period, query.date, context.staff)
    names = await customers.queries.staff_names(each.staff_id for each in found.people)
    people = [PersonReport(**each.model_dump(), name=names.get(each.staff_id)) for each in found.people]
    return ReportAnswer(
        period=found.period,
        first_day=found.first_day,
        last_day=found.last_day,
        people=sorted(people, key=lambda each: (each.name or "", each.staff_id)),
        total=found.total,
    )
