"""Mini-program users in the search of all areas."""

from typing import Final

from domain.shared.authority import StaffAuthority
from domain.shared.masking import mask_phone
from domain.shared.paging import PageRequest
from domain.shared.search import Found, Hit
from domain.users.administration.service import UserAdministration
from domain.users.user_query import UserFilter, UserSort


class UserSearcher:
    area: Final = "users"
    permissions: Final = ("miniprogram-user:view",)

    def __init__(self, administration: UserAdministration) -> None:
        self._administration = administration

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        query = self._administration.query(UserFilter(), text, UserSort.CREATED_DESCENDING)
        page = await self._administration.page(query, PageRequest(page_size=limit))
        hits = [
            Hit(
                id=user.id,
                title=user.nickname,
                detail=mask_phone(user.phone) if user.phone else "",
                status=user.shown_status(query.now),
            )
            for user in page.list
        ]
        return Found(hits=tuple(hits), total=page.total)
