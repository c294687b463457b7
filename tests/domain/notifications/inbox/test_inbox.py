"""The inbox of mini-program users: who gets a message, and whose it is after accounts have changed."""

from datetime import timedelta

import pytest

from domain.notifications.inbox.model import InboxMessageNotFound, InboxRow, row_id
from domain.notifications.inbox.service import Inbox
from domain.shared.inbox import InboxMessage
from domain.shared.paging import PageRequest
from tests.domain.notifications.inbox.memory import MemoryAccounts, MemoryInbox
from tests.integrations.clocks import SettableClock

PHONE, OTHER_PHONE = "13800138000", "13900139000"
WANG, LI = "a" * 24, "b" * 24


class Mail:
    """The inbox over stores in memory."""

    def __init__(self) -> None:
        self.clock, self.store = SettableClock(), MemoryInbox()
        self.accounts = MemoryAccounts({WANG: "", LI: ""})
        self.inbox = Inbox(self.store, self.accounts, self.clock)

    async def send(self, key: str, phone: str = PHONE) -> None:
        self.clock.advance(60)
        message = InboxMessage(
            key=key,
            type="contract_signed",
            phone=phone,
            title=key,
            title_en=key,
            content="已签署",
            content_en="Signed",
            at=self.clock.now(),
        )
        await self.inbox.deliver(message)

    async def shown(self, user_id: str, unread_only: bool = False) -> list[str]:
        return [row.title for row in (await self.inbox.page(user_id, unread_only, PageRequest())).page.list]

    async def unread(self, user_id: str) -> int:
        return (await self.inbox.page(user_id, False, PageRequest())).unread_count


@pytest.fixture
def mail() -> Mail:
    return Mail()


async def test_the_account_that_verified_the_phone_gets_each_message_once_newest_first(mail: Mail) -> None:
    mail.accounts.phones[WANG] = PHONE

    for key in ("first", "second", "first"):
        await mail.send(key)

    assert await mail.shown(WANG) == ["second", "first"]
    assert await mail.shown(LI) == []


async def test_a_message_waits_for_the_account_that_verifies_the_phone(mail: Mail) -> None:
    await mail.send("waiting")
    assert await mail.shown(WANG) == []

    mail.accounts.phones[WANG] = PHONE
    await mail.inbox.settle(WANG)
    mail.accounts.phones |= {WANG: "", LI: PHONE}  # the number moves to another person
    await mail.send("for the new owner")

    assert await mail.shown(WANG) == ["waiting"]
    assert await mail.shown(LI) == ["for the new owner"]


async def test_messages_follow_a_merged_account_and_go_with_a_deleted_one(mail: Mail) -> None:
    mail.accounts.phones[WANG] = PHONE
    await mail.send("before")

    mail.accounts.merged[WANG] = LI
    mail.accounts.phones |= {WANG: "", LI: PHONE}
    await mail.inbox.settle(WANG)
    await mail.send("before")  # told again
    assert await mail.shown(LI) == ["before"]

    del mail.accounts.phones[LI]
    await mail.inbox.settle(LI)
    assert mail.store.rows == {}


async def test_an_account_that_is_merged_while_it_adopts_loses_nothing(mail: Mail) -> None:
    class MergedMeanwhile(MemoryInbox):
        async def adopt(self, phone: str, user_id: str, now: object) -> bool:
            adopted = await super().adopt(phone, user_id, mail.clock.now())
            mail.accounts.merged[WANG] = LI
            mail.accounts.phones[WANG] = ""
            return adopted

    mail.accounts.phones[WANG] = PHONE
    store = MergedMeanwhile()
    mail.inbox, mail.store = Inbox(store, mail.accounts, mail.clock), store

    await mail.send("kept")

    assert [row.user_id for row in store.rows.values()] == [LI]


async def test_rows_of_the_former_system_belong_to_the_account_of_their_phone(mail: Mail) -> None:
    for number, is_read in enumerate((False, True)):
        row = InboxRow(
            id=f"{number:024x}",
            phone=PHONE,
            type="payment_done",
            title="付款成功",
            is_read=is_read,
            created_at=mail.clock.now(),
        )
        await mail.store.add(row)
    mail.accounts.phones[WANG] = PHONE

    assert len(await mail.shown(WANG)) == 2
    assert [row.read_at for row in mail.store.rows.values()] == [None, mail.clock.now()]


async def test_reading_counts_once_and_only_for_the_own_messages(mail: Mail) -> None:
    mail.accounts.phones[WANG] = PHONE
    for key in ("one", "two", "three"):
        await mail.send(key)
    first_id = row_id("one")
    with pytest.raises(InboxMessageNotFound):
        await mail.inbox.read(LI, first_id)
    assert (await mail.inbox.read_all(LI), await mail.unread(WANG)) == (0, 3)

    read_at = mail.clock.now()
    await mail.inbox.read(WANG, first_id)
    mail.clock.time += timedelta(hours=1)
    await mail.inbox.read(WANG, first_id)

    assert mail.store.rows[first_id].read_at == read_at
    assert await mail.shown(WANG, unread_only=True) == ["three", "two"]
    assert (await mail.inbox.read_all(WANG), await mail.inbox.read_all(WANG), await mail.unread(WANG)) == (2, 0, 0)
