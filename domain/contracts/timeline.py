"""Contracts in the timeline of their customer: the changes of their status."""

from collections.abc import Iterator
from typing import Final

from domain.contracts.history import CAUSE_LABELS
from domain.contracts.model import Contract
from domain.contracts.queries import ContractQueries
from domain.contracts.roles import contract_scope
from domain.shared.authority import StaffAuthority
from domain.shared.notifications import RecordRef
from domain.shared.text import Text
from domain.shared.timeline import TimelineCursor, TimelineEntry, first_after


class ContractTimeline:
    name: Final = "contracts"
    permissions: Final = ("contract:view",)

    def __init__(self, queries: ContractQueries) -> None:
        self._queries = queries

    async def entries(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> list[TimelineEntry]:
        contracts = await self._queries.of_customer(customer_id, contract_scope(reader))
        return first_after(before, (entry for contract in contracts for entry in _entries(contract)), limit)


def _entries(contract: Contract) -> Iterator[TimelineEntry]:
    for entry in contract.history:
        if not entry.is_transition:
            continue
        label, number = CAUSE_LABELS[entry.cause], contract.contract_number
        yield TimelineEntry(
            id=f"{contract.id}-{round(entry.at.timestamp() * 1000)}-{entry.cause}",
            at=entry.at,
            kind="contract",
            title=Text(f"合同：{label.zh}", f"Contract: {label.en}"),
            detail=Text(number, number),
            record=RecordRef(kind="contract", id=contract.id),
            actor_id=entry.by.id if entry.by.kind == "staff" else "",
            actor_name=entry.by.name,
        )
