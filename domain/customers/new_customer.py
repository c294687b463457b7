"""Creation of a customer: its number, and the steps that all ways of creation share."""

from collections.abc import Mapping
from typing import Any

from domain.customers.levels import GRADES, LeadLevel
from domain.customers.model import Customer
from domain.customers.stages import Stage
from domain.shared.ports import Clock, IdGenerator


class NewCustomers:
    def __init__(self, clock: Clock, ids: IdGenerator) -> None:
        self._clock = clock
        self._ids = ids

    def make(
        self,
        values: Mapping[str, Any],
        creator: str,
        stage: Stage = Stage.PENDING,
        level: LeadLevel | None = None,
        new_id: str = "",
    ) -> Customer:
        """Not stored, without an owner. The next call makes one with another number."""
        now = self._clock.now()
        number = f"CUS{int(now.timestamp() * 1000) % 10**8:08d}{int(self._ids.next_id()[-6:], 16) % 1000:03d}"
        return Customer(
            **values,
            id=new_id or self._ids.next_id(),
            # As in the former system: eight digits of the time, and three that differ within a millisecond.
            customer_id=number,
            contract_status=stage,
            lead_stage=stage,
            grade=level if level in GRADES else None,
            created_by=creator,
            last_updated_by=creator,
            last_activity_at=now,
            created_at=now,
            updated_at=now,
        )
