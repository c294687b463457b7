"""Daily, weekly and monthly reports of sales work, within the reader's data scope."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.customers.ports import CustomerReportStore
from domain.customers.queries import customer_scope
from domain.customers.reports.model import PersonFigures, Report, ReportFigures, ReportPeriod
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day, start_of_day
from domain.shared.ports import Clock


class CustomerReports:
    def __init__(self, store: CustomerReportStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def report(self, period: ReportPeriod, day: date | None, by: StaffAuthority) -> Report:
        """Of the period that has `day`, or today: the people of the scope who did something. Raises Unavailable."""
        first, last = period.around(day or business_day(self._clock.now()))
        until = start_of_day(last + timedelta(days=1))
        people = await self._store.figures(start_of_day(first), until, customer_scope(by).people)
        shown = tuple(each for each in people if not each.is_empty)
        return Report(period=period, first_day=first, last_day=last, people=shown, total=_total(shown))


def _total(people: Sequence[PersonFigures]) -> ReportFigures:
    names = ReportFigures.model_fields
    return ReportFigures(**{name: sum(getattr(each, name) for each in people) for name in names})
