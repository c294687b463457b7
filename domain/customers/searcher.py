"""Customers in the search of all areas."""

from typing import Final

from domain.customers.customer_query import CustomerFilter, CustomerQuery
from domain.customers.ports import CustomerList
from domain.customers.queries import customer_scope
from domain.shared.authority import StaffAuthority
from domain.shared.masking import mask_phone
from domain.shared.paging import PageRequest
from domain.shared.search import Found, Hit


class CustomerSearcher:
    area: Final = "customers"
    permissions: Final = ("customer:view",)

    def __init__(self, customers: CustomerList) -> None:
        self._customers = customers

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        wanted = CustomerFilter(scope=customer_scope(reader), search=text)
        page = await self._customers.page(CustomerQuery(filter=wanted), PageRequest(page_size=limit))
        hits = [
            Hit(
                id=each.id,
                title=each.name or each.customer_id,
                detail=" · ".join(filter(None, (each.phone and mask_phone(each.phone), each.service_category))),
                status=each.contract_status,
            )
            for each in page.list
        ]
        return Found(hits=tuple(hits), total=page.total)
