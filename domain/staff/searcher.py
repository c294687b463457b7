"""Staff accounts in the search of all areas."""

from typing import Final

from domain.shared.authority import StaffAuthority
from domain.shared.masking import mask_phone
from domain.shared.paging import PageRequest
from domain.shared.search import Found, Hit
from domain.staff.ports import StaffQuery, StaffRepository


class StaffSearcher:
    area: Final = "staff"
    permissions: Final = ("user:view",)

    def __init__(self, staff: StaffRepository) -> None:
        self._staff = staff

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        page = await self._staff.page(StaffQuery(search=text), PageRequest(page_size=limit))
        hits = [
            Hit(
                id=account.id,
                title=account.name or account.username,
                detail=" · ".join(filter(None, (account.username, account.phone and mask_phone(account.phone)))),
                status="inactive" if not account.active else "suspended" if account.suspended else "active",
            )
            for account in page.list
        ]
        return Found(hits=tuple(hits), total=page.total)
