"""The plan of a transfer: the due leads and their new owners. The prediction and the run compute the same plan."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from domain.customers.model import Customer
from domain.customers.transfer.model import RuleUsage, TransferRule
from domain.shared.business_day import business_day
from domain.shared.model import Model

REFERRAL: Final = "转介绍"
"""Leads of this source move only by a rule that names it."""


class PlannedTransfer(Model):
    customer: Customer
    from_user_id: str
    to_user_id: str


def is_due(rule: TransferRule, customer: Customer, at: datetime) -> bool:
    """True if the rule takes the lead from its owner at this time."""
    conditions = rule.trigger_conditions
    last, most = customer.last_transferred_at, conditions.max_transfer_count
    sources = conditions.lead_sources
    return (
        customer.assigned_to in rule.sources
        and customer.counts_as_held
        and customer.auto_transfer_enabled
        and not customer.is_frozen
        and customer.contract_status in conditions.contract_statuses
        and (customer.lead_source in sources if sources else customer.lead_source != REFERRAL)
        and conditions.created_date_range.covers(business_day(customer.created_at))
        and customer.last_activity_at <= idle_before(rule, at)
        and (last is None or last + timedelta(hours=conditions.transfer_cooldown_hours) <= at)
        and (most == 0 or customer.transfer_count < most)
    )


def idle_before(rule: TransferRule, at: datetime) -> datetime:
    """Leads without activity since then are idle."""
    return at - timedelta(hours=rule.trigger_conditions.inactive_hours)


def plan(
    rule: TransferRule,
    customers: Iterable[Customer],
    targets: Sequence[str],
    usage: Mapping[str, RuleUsage],
    at: datetime,
    most: int,
) -> Sequence[PlannedTransfer]:
    """The `most` leads that have been idle longest, shuffled and dealt in turn to `targets`, never to their own owner.

    The shuffle is seeded by the rule and the time, so the same arguments give the same plan. `targets`: those who can
    get leads now. `usage`: what people gave and got by the rule.
    """
    idle = sorted((each for each in customers if is_due(rule, each, at)), key=_longest_idle_first)[:most]
    # Neither secret nor security: a shuffle that can be repeated.
    chance = Random(f"{rule.id} {int(at.timestamp())}")  # noqa: S311
    order = sorted(set(targets) & set(rule.targets))
    chance.shuffle(idle)
    chance.shuffle(order)
    if rule.distribution_config.enable_compensation:
        order.sort(key=lambda each: -usage[each].balance if each in usage else 0)
    return list(_dealt(idle, order))


def _dealt(idle: Iterable[Customer], order: Sequence[str]) -> Iterable[PlannedTransfer]:
    """In turn. A person is skipped for their own lead, and gets the next one that is not their own."""
    waiting = deque(order)
    for customer in idle:
        to = next((each for each in waiting if each != customer.assigned_to), None)
        if to is not None:
            waiting.remove(to)
            waiting.append(to)
            yield PlannedTransfer(customer=customer, from_user_id=customer.assigned_to, to_user_id=to)


def _longest_idle_first(customer: Customer) -> tuple[datetime, str]:
    return customer.last_activity_at, customer.id
