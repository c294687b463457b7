"""Messages to customers: each kind has texts in both languages, and goes to the phone of the contract."""

from typing import Any, get_args

import pytest

from domain.contracts.events import InboxMessageDue
from domain.contracts.inbox_messages import TEXTS, message_of
from tests.domain.contracts.builders import NOW, a_contract, active
from tests.domain.contracts.harness import ContractsHarness

PHONE = "13800138000"


def due(kind: Any, **values: object) -> InboxMessageDue:
    return InboxMessageDue(
        id="1", at=NOW, key=f"c1:{kind}", contract_id="c" * 24, contract_number="CON1", kind=kind, values=values
    )


def test_every_kind_of_message_has_texts_whose_variables_are_known() -> None:
    kinds = get_args(InboxMessageDue.model_fields["kind"].annotation)

    assert set(TEXTS) == set(kinds)
    for kind in kinds:
        message = message_of(due(kind, workerName="张阿姨", days=3), PHONE)
        assert "{" not in message.content + message.content_en
        assert all((message.title, message.title_en, message.content, message.content_en))


@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [(15, "将于 15 天后到期", "ends in 15 days"), (1, "明天到期", "ends tomorrow"), (0, "今天到期", "ends today")],
)
def test_an_expiring_contract_names_the_days_that_are_left(days: int, chinese: str, english: str) -> None:
    message = message_of(due("contract_expiring", days=days, endDate="2026-10-31"), PHONE)

    assert chinese in message.content
    assert english in message.content_en


async def test_messages_go_to_the_customers_phone_once(harness: ContractsHarness) -> None:
    contract = await harness.add(active(customer_phone=PHONE))
    event = due("contract_signed", workerName="张阿姨").model_copy(update={"contract_id": contract.id})

    await harness.services.inbox_messages.follow([event])
    await harness.services.inbox_messages.follow([event])

    [message] = harness.inbox.messages.values()
    assert (message.phone, message.contract_id, message.type) == (PHONE, contract.id, "contract_signed")
    assert message.extra == {"contractNumber": "CON1", "workerName": "张阿姨"}


async def test_a_deleted_contract_sends_no_message(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract().with_fields(deleted_at=NOW))

    await harness.services.inbox_messages.follow(
        [due("contract_invite").model_copy(update={"contract_id": contract.id})]
    )

    assert harness.inbox.messages == {}
