"""Customers for tests."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from domain.customers.model import Customer
from domain.customers.stages import LEAD_STAGES, Stage

NOW: Final = datetime(2026, 11, 30, 2, tzinfo=UTC)
_numbers = count(1)


def a_customer(**fields: Any) -> Customer:
    """A new lead with a phone of its own."""
    number = next(_numbers)
    stage = fields.get("contract_status", Stage.PENDING)
    values = {
        "id": f"{number:024x}",
        "customer_id": f"CUS{number:011d}",
        "name": "王芳",
        "phone": f"137{number:08d}",
        "lead_stage": stage if stage in LEAD_STAGES else Stage.MATCHING,
        "created_by": "creator",
        "last_activity_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
        **fields,
    }
    return Customer(**values)
