"""Contracts in the search of all areas."""

from typing import Final

from domain.contracts.board.filter import ContractFilter
from domain.contracts.queries import ContractQueries
from domain.contracts.roles import contract_scope
from domain.shared.authority import StaffAuthority
from domain.shared.paging import PageRequest
from domain.shared.search import Found, Hit


class ContractSearcher:
    area: Final = "contracts"
    permissions: Final = ("contract:view",)

    def __init__(self, queries: ContractQueries) -> None:
        self._queries = queries

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        wanted = ContractFilter(scope=contract_scope(reader))
        page = await self._queries.page(wanted, text, PageRequest(page_size=limit))
        hits = [
            Hit(
                id=contract.id,
                title=" · ".join(filter(None, (contract.customer_name, contract.worker_name))),
                detail=contract.contract_number,
                status=contract.contract_status,
            )
            for contract in page.list
        ]
        return Found(hits=tuple(hits), total=page.total)
