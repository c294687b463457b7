"""The keys of a customer's search document: the lists that show the customer, and its values that lists filter by.

Every save writes the search document, and costs the store work for each key in each index. So only lists are in the
index of every order; values are in one index, which serves the filters of those who see all customers.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.customers.customer_query import CustomerFilter
from domain.customers.model import Customer
from domain.customers.stages import Stage
from integrations.mongo.repository import Document

EVERYBODY: Final = "all"
POOL: Final = "pool"
UNHELD: Final = "unheld"
"""Of documents of the former system: they count as held, and no holding says so."""
_LOST: Final = "lost:"


def lists_of(customer: Customer) -> list[str]:
    """Of a lost customer each list has another name, because most readers do not want it."""
    if customer.in_public_pool:
        return [POOL]
    names = {EVERYBODY, *(_person(each) for each in customer.people if each)}
    prefix = _LOST if customer.contract_status is Stage.LOST else ""
    unheld = [UNHELD] if customer.counts_as_held and not customer.holding_id else []
    return [*sorted(prefix + name for name in names), *unheld]


def values_of(customer: Customer) -> dict[str, str]:
    """The values that lists filter by, by their names in search documents."""
    values = {
        "assignedTo": customer.assigned_to,
        "serviceCategory": customer.service_category,
        "leadSource": customer.lead_source,
        "contractStatus": customer.contract_status,
        "leadLevel": customer.lead_level,
        "followUpStatus": customer.follow_up_status or "",
        "leadStatus": customer.lead_status,
    }
    return {name: value for name, value in values.items() if value}


def facets_of(customer: Customer) -> list[str]:
    return [_facet(name, value) for name, value in values_of(customer).items() if name != "assignedTo"]


def list_condition(wanted: CustomerFilter) -> Document:
    """The condition on the lists, the values and the facets. An owner's list is in order of each index, so that those
    who see all customers find the customers of one owner by it."""
    values = _wanted_values(wanted)
    facets = [_facet(name, value) for name, value in values.items() if name != "assignedTo"]
    lists = _wanted_lists(wanted)
    condition: Document = {"lists": lists[0] if len(lists) == 1 else {"$in": lists}, **values}
    sees_all = wanted.pool or (wanted.scope.people is None and not wanted.owner_id)
    # The rarest value is the best entry into the index.
    return {**condition, "facets": facets[0]} if sees_all and facets else condition


def _wanted_values(wanted: CustomerFilter) -> Mapping[str, str]:
    values = {
        "serviceCategory": wanted.service_category,
        "leadSource": wanted.lead_source,
        "contractStatus": wanted.contract_status,
        "leadLevel": wanted.lead_level,
        "followUpStatus": wanted.follow_up_status,
        "leadStatus": wanted.lead_status,
        "assignedTo": wanted.owner_id,
    }
    return {name: str(value) for name, value in values.items() if value}


def _wanted_lists(wanted: CustomerFilter) -> Sequence[str]:
    if wanted.pool:
        return [POOL]
    people = wanted.scope.people
    if people is None:
        names = [_person(wanted.owner_id) if wanted.owner_id else EVERYBODY]
    else:
        names = [_person(each) for each in sorted(people)]
    return names if wanted.hides_lost else [*names, *(_LOST + name for name in names)]


def _person(staff_id: str) -> str:
    return f"person:{staff_id}"


def _facet(name: str, value: str) -> str:
    return f"{name}:{value}"
