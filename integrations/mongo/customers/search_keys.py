"""The keys of a customer's search document: one text for each list that shows the customer, and for each filter."""

from collections.abc import Iterator, Sequence

from domain.customers.customer_query import CustomerFilter
from domain.customers.model import Customer
from domain.customers.stages import Stage
from integrations.mongo.repository import Document

EVERYBODY = "all"
POOL = "pool"
UNHELD = "unheld"
"""Of documents of the former system: they count as held, and no holding says so."""
_NOT_LOST = ":open"


def search_keys(customer: Customer) -> list[str]:
    return sorted({*_lists(customer), *_facets(customer)})


def _lists(customer: Customer) -> Iterator[str]:
    if customer.in_public_pool:
        yield POOL
        return
    lists = [EVERYBODY, *(f"person:{each}" for each in customer.people if each)]
    yield from lists
    if customer.contract_status is not Stage.LOST:
        yield from (f"{each}{_NOT_LOST}" for each in lists)


def _facets(customer: Customer) -> Iterator[str]:
    yield f"stage:{customer.contract_status}"
    yield f"level:{customer.lead_level}"
    yield f"leadSource:{customer.lead_source}"
    yield f"lead:{customer.lead_status}"
    if customer.service_category:
        yield f"serviceCategory:{customer.service_category}"
    if customer.rest_schedule:
        yield f"restSchedule:{customer.rest_schedule}"
    if customer.education_requirement:
        yield f"educationRequirement:{customer.education_requirement}"
    if customer.follow_up_status:
        yield f"followUp:{customer.follow_up_status}"
    if customer.assigned_to:
        yield f"owner:{customer.assigned_to}"
    if customer.counts_as_held and not customer.holding_id:
        yield UNHELD


def keys_condition(wanted: CustomerFilter) -> Document:
    """The condition on `keys`. The index is entered by the first of the required keys, the most selective one."""
    facets = {
        "owner": wanted.owner_id,
        "serviceCategory": wanted.service_category,
        "leadSource": wanted.lead_source,
        "stage": wanted.contract_status,
        "level": wanted.lead_level,
        "followUp": wanted.follow_up_status,
        "lead": wanted.lead_status,
    }
    required = [f"{name}:{value}" for name, value in facets.items() if value]
    lists = _wanted_lists(wanted)
    if len(lists) != 1:
        condition: Document = {"$in": lists}
        return {**condition, "$all": required} if required else condition
    # A person has fewer customers than a source or stage has.
    scoped = wanted.scope.people is not None and not wanted.pool
    every = [*lists, *required] if scoped else [*required, *lists]
    return {"$all": every}


def _wanted_lists(wanted: CustomerFilter) -> Sequence[str]:
    if wanted.pool:
        return [POOL]
    people = wanted.scope.people
    lists = [EVERYBODY] if people is None else [f"person:{each}" for each in sorted(people)]
    return [f"{each}{_NOT_LOST}" for each in lists] if wanted.hides_lost else lists
