"""The actions that a staff member may take on a customer now. Pages show them before the click."""

from collections.abc import Sequence
from typing import Literal

from domain.customers.model import Customer
from domain.customers.ownership.service import POOL_RIGHT
from domain.customers.records import ASSIGN_RIGHT
from domain.customers.stages import Standing
from domain.shared.authority import Role, StaffAuthority

CustomerAction = Literal["edit", "delete", "reveal", "assign", "release", "keep", "claim", "freeze", "unfreeze"]


def allowed_actions(
    customer: Customer, inside: bool, by: StaffAuthority, keeps_left: int = 0
) -> Sequence[CustomerAction]:
    """`inside`: the customer is within the data scope. `keeps_left`: how often it can still be kept from falling into
    the pool. Caps are not considered."""
    possible: dict[CustomerAction, bool] = {
        "edit": inside and by.may("customer:edit"),
        "delete": inside and by.may("customer:delete") and customer.contract_standing is Standing.NONE,
        "reveal": inside,
        "assign": inside and by.may(ASSIGN_RIGHT) and not customer.is_frozen,
        "release": inside and _may_release(customer, by),
        "keep": inside and keeps_left > 0 and _may_release(customer, by),
        "claim": customer.in_public_pool and not customer.is_frozen and by.may("customer:edit"),
        "freeze": by.role == Role.ADMIN and not customer.is_frozen,
        "unfreeze": by.role == Role.ADMIN and customer.is_frozen,
    }
    return [action for action, is_possible in possible.items() if is_possible]


def _may_release(customer: Customer, by: StaffAuthority) -> bool:
    free = not customer.in_public_pool and not customer.is_frozen and customer.is_unsigned
    return free and by.may("customer:edit") and (customer.assigned_to == by.id or by.may(POOL_RIGHT))
