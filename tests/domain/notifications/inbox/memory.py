"""The inbox's store and accounts in memory.

`tests/integrations/mongo/test_inbox.py` runs the same tests over this store and MongoDB.
"""

from dataclasses import dataclass, field
from datetime import datetime

from domain.notifications.inbox.model import InboxRow
from domain.notifications.inbox.ports import InboxAccount, InboxAccounts, InboxStore
from domain.shared.paging import Page, PageRequest


class MemoryInbox(InboxStore):
    def __init__(self) -> None:
        self.rows: dict[str, InboxRow] = {}

    async def add(self, row: InboxRow) -> None:
        self.rows.setdefault(row.id, row)

    async def adopt(self, phone: str, user_id: str, now: datetime) -> bool:
        waiting = [row for row in self.rows.values() if row.phone == phone and not row.user_id]
        for row in waiting:
            read_at = now if row.is_read and row.read_at is None else row.read_at
            self._change(row, user_id=user_id, read_at=read_at)
        return bool(waiting)

    async def move(self, user_id: str, to: str) -> None:
        for row in self._of(user_id):
            self._change(row, user_id=to)

    async def remove(self, user_id: str) -> None:
        for row in self._of(user_id):
            del self.rows[row.id]

    async def page(self, user_id: str, unread_only: bool, paging: PageRequest) -> Page[InboxRow]:
        found = [row for row in self._of(user_id) if not (unread_only and row.is_read)]
        return Page.of(found[paging.skip : paging.skip + paging.page_size], len(found), paging)

    async def unread(self, user_id: str) -> int:
        return sum(not row.is_read for row in self._of(user_id))

    async def mark_read(self, user_id: str, row_id: str, now: datetime) -> bool:
        row = self.rows.get(row_id)
        if row is None or row.user_id != user_id:
            return False
        if not row.is_read:
            self._change(row, is_read=True, read_at=now)
        return True

    async def mark_all_read(self, user_id: str, now: datetime) -> int:
        unread = [row for row in self._of(user_id) if not row.is_read]
        for row in unread:
            self._change(row, is_read=True, read_at=now)
        return len(unread)

    def _of(self, user_id: str) -> list[InboxRow]:
        own = [row for row in self.rows.values() if row.user_id == user_id]
        return sorted(own, key=lambda row: (row.created_at, row.id), reverse=True)

    def _change(self, row: InboxRow, **fields: object) -> None:
        self.rows[row.id] = row.model_copy(update=fields)


@dataclass
class MemoryAccounts(InboxAccounts):
    phones: dict[str, str] = field(default_factory=dict)
    """The verified phone of each account; empty without one."""
    merged: dict[str, str] = field(default_factory=dict)

    async def surviving(self, user_id: str) -> InboxAccount | None:
        while user_id in self.merged:
            user_id = self.merged[user_id]
        return InboxAccount(id=user_id, phone=self.phones[user_id]) if user_id in self.phones else None

    async def with_phone(self, phone: str) -> str:
        return next((user_id for user_id, own in self.phones.items() if own == phone), "")
