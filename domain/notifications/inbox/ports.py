"""Ports of the inbox: the store of its rows, and the accounts of mini-program users."""

from datetime import datetime
from typing import Protocol

from domain.notifications.inbox.model import InboxRow
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest


class InboxStore(Protocol):
    """Every method raises Unavailable."""

    async def add(self, row: InboxRow) -> None:
        """Durable when it returns. A row whose id is stored changes nothing."""

    async def adopt(self, phone: str, user_id: str, now: datetime) -> bool:
        """Gives the waiting rows of this phone to the account; False when there was none. Those that the former system
        shows as read count as read `now`."""

    async def move(self, user_id: str, to: str) -> None:
        """Gives all rows of an account to another one."""

    async def remove(self, user_id: str) -> None:
        """Removes all rows of an account."""

    async def page(self, user_id: str, unread_only: bool, paging: PageRequest) -> Page[InboxRow]:
        """Newest first."""

    async def unread(self, user_id: str) -> int: ...

    async def mark_read(self, user_id: str, row_id: str, now: datetime) -> bool:
        """Keeps the time of the first reading. False when the account has no such row."""

    async def mark_all_read(self, user_id: str, now: datetime) -> int:
        """The number of rows that were unread."""


class InboxAccount(Model):
    id: str
    phone: str = ""
    """Verified; empty without one."""


class InboxAccounts(Protocol):
    """Accounts of mini-program users. Every method raises Unavailable."""

    async def surviving(self, user_id: str) -> InboxAccount | None:
        """The account itself, or the one that it was merged into; None when that was deleted."""

    async def with_phone(self, phone: str) -> str:
        """The id of the account that has verified this phone; empty without one."""
