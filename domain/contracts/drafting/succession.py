"""Rules of a successor: a change of worker (换人) or a renewal (续签) of an original in force."""

from datetime import date, timedelta
from typing import Final

from domain.contracts.errors import TransitionNotAllowed
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from domain.contracts.terms import ContractTerms, wire_name
from domain.shared.errors import InvalidRequest

RENEWAL_IDENTITY_FIELDS: Final = ("customer_name", "customer_id_card", "worker_name", "worker_id_card")
"""Fields that identify the parties, which a renewal keeps. Phones and addresses may differ by then."""
_ORIGINAL_STARTS_LATER: Final = "早于原合同开始日期 / before the original's start"
_ORIGINAL_STILL_RUNS: Final = "早于原合同到期日次日 / before the day after the original's end"
_OTHER_PARTY: Final = "续签不能更换当事人 / a renewal is with the same people"


def require_in_force(original: Contract, hindrance: str) -> None:
    """Raises TransitionNotAllowed when the original is not in force, with `hindrance`, or is about to be voided."""
    if original.contract_status is not ContractStatus.ACTIVE:
        raise TransitionNotAllowed(current=str(original.contract_status), hindrance=hindrance)
    if original.is_closing:
        raise TransitionNotAllowed(current=str(original.contract_status), hindrance="being_voided")


def first_day_of_change(original: ContractTerms, today: date) -> date:
    """The day on which a new worker starts unless staff name another one."""
    return max(today, original.start_date or today)


def first_day_of_renewal(original: ContractTerms, today: date) -> date:
    return (original.end_date or today) + timedelta(days=1)


def require_change_of(original: ContractTerms, successor: ContractTerms) -> None:
    """Raises InvalidRequest when the new worker would start before the original does."""
    if successor.start_date and original.start_date and successor.start_date < original.start_date:
        raise InvalidRequest(fields=[{"field": "startDate", "problem": _ORIGINAL_STARTS_LATER}])


def require_renewal_of(original: ContractTerms, successor: ContractTerms) -> None:
    """Raises InvalidRequest naming the fields that change the parties, or that start before the original has ended."""
    known = {name: getattr(original, name) for name in RENEWAL_IDENTITY_FIELDS}
    others = [name for name, value in known.items() if value and getattr(successor, name) != value]
    problems = [{"field": wire_name(name), "problem": _OTHER_PARTY} for name in others]
    start = successor.start_date
    if start is None or (original.end_date is not None and start <= original.end_date):
        problems.append({"field": "startDate", "problem": _ORIGINAL_STILL_RUNS})
    if problems:
        raise InvalidRequest(fields=problems)
