"""Rows of the logs of customers, with the fields of the former system."""

from typing import Any, Literal

from domain.customers.events import PoolAction
from domain.shared.model import Instant, Model


class AssignmentRow(Model):
    """A change of owner: the former and the new one."""

    id: str
    customer_id: str
    old_assigned_to: str = ""
    new_assigned_to: str = ""
    assigned_by: str = ""
    assigned_at: Instant
    reason: str = ""
    action: Literal["assign", "release"]


class PoolRow(Model):
    id: str
    customer_id: str
    action: PoolAction
    operator_id: str = ""
    from_user_id: str = ""
    to_user_id: str = ""
    reason: str = ""
    operated_at: Instant


class OperationRow(Model):
    """An operation of a person on the customer. `details` has the changed values before and after, masked."""

    id: str
    entity_id: str
    operation_type: str
    operation_name: str
    details: dict[str, Any]
    operator_id: str
    operator_name: str = ""
    operated_at: Instant
    request_id: str = ""
    ip_address: str = ""
    user_agent: str = ""
