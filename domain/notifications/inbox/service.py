"""The inbox of mini-program users: messages belong to an account. A phone number in a request gives no access."""

from domain.notifications.inbox.model import InboxMessageNotFound, InboxPage, InboxRow
from domain.notifications.inbox.ports import InboxAccounts, InboxStore
from domain.shared.inbox import CustomerInbox, InboxMessage
from domain.shared.paging import PageRequest
from domain.shared.ports import Clock


class Inbox(CustomerInbox):
    """Every use case raises Unavailable."""

    def __init__(self, store: InboxStore, accounts: InboxAccounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def deliver(self, message: InboxMessage) -> None:
        # Stored first: an account that verifies the phone at this moment is either found here, or finds the row.
        await self._store.add(InboxRow.of(message))
        if user_id := await self._accounts.with_phone(message.phone):
            await self.settle(user_id)

    async def settle(self, user_id: str) -> None:
        """Makes the rows follow the account, after it has verified a phone, was merged or was deleted. Idempotent."""
        account = await self._accounts.surviving(user_id)
        if account is None:
            await self._store.remove(user_id)
            return
        if account.id != user_id:
            await self._store.move(user_id, account.id)
        if account.phone and await self._store.adopt(account.phone, account.id, self._clock.now()):
            await self.settle(account.id)  # it may have been merged or deleted meanwhile

    async def page(self, user_id: str, unread_only: bool, paging: PageRequest) -> InboxPage:
        """Raises PageTooDeep."""
        await self.settle(user_id)  # the former system stores rows by phone
        page = await self._store.page(user_id, unread_only, paging)
        return InboxPage(page=page, unread_count=await self._store.unread(user_id))

    async def read(self, user_id: str, row_id: str) -> None:
        """Idempotent. Raises InboxMessageNotFound."""
        if not await self._store.mark_read(user_id, row_id, self._clock.now()):
            raise InboxMessageNotFound

    async def read_all(self, user_id: str) -> int:
        """The number of messages that were unread."""
        return await self._store.mark_all_read(user_id, self._clock.now())
