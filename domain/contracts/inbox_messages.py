"""Messages of contracts to the customer: the texts, and the follower that sends them to the inbox."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.contracts.events import InboxMessageDue
from domain.contracts.ports import ContractRepository
from domain.shared.events import DomainEvent
from domain.shared.inbox import CustomerInbox, InboxMessage
from domain.shared.text import Text

log = logging.getLogger("business.contracts")

TEXTS: Final[Mapping[str, tuple[Text, Text]]] = {
    "contract_invite": (
        Text("签约邀请", "A contract for you to sign"),
        Text(
            "您有一份新合同（{contractNumber}）待签署，请进入“我的合同”查看并签署。",
            "Contract {contractNumber} is ready to sign. Open “My contracts” to read and sign it.",
        ),
    ),
    "contract_signed": (
        Text("合同签署完成", "Contract signed"),
        Text(
            "合同（{contractNumber}）已由各方签署完成，您可以在“我的合同”中查看。",
            "All parties have signed contract {contractNumber}. You can find it under “My contracts”.",
        ),
    ),
    "contract_cancelled": (
        Text("合同已取消", "Contract cancelled"),
        Text(
            "合同（{contractNumber}）已取消。如有疑问，请联系您的服务顾问。",
            "Contract {contractNumber} was cancelled. If you have any questions, please contact your adviser.",
        ),
    ),
    "contract_expiring": (
        Text("合同即将到期", "Contract ending soon"),
        Text(
            "合同（{contractNumber}）{daysLeft}到期。如需续签，请联系您的服务顾问。",
            "Contract {contractNumber} ends {daysLeft}. To renew it, please contact your adviser.",
        ),
    ),
    "nanny_confirmed": (
        Text("阿姨已上户", "Your worker has started"),
        Text("阿姨{workerName}已上户，服务正式开始。", "{workerName} has started working in your home."),
    ),
    "payment_done": (
        Text("付款成功", "Payment received"),
        Text(
            "我们已收到您为合同（{contractNumber}）支付的款项。",
            "We have received your payment for contract {contractNumber}.",
        ),
    ),
}
"""Title and content of each kind of message."""


def message_of(event: InboxMessageDue, phone: str) -> InboxMessage:
    title, content = TEXTS[event.kind]
    values = {"contractNumber": event.contract_number, "workerName": "", **event.values}
    left = _days_left(values.get("days"))
    return InboxMessage(
        key=event.key,
        type=event.kind,
        phone=phone,
        title=title.zh,
        title_en=title.en,
        content=content.zh.format_map({**values, "daysLeft": left.zh}),
        content_en=content.en.format_map({**values, "daysLeft": left.en}),
        contract_id=event.contract_id,
        extra={"contractNumber": event.contract_number, **event.values},
        at=event.at,
    )


def _days_left(days: Any) -> Text:
    if days in (0, None):
        return Text("今天", "today")
    return Text("明天", "tomorrow") if days == 1 else Text(f"将于 {days} 天后", f"in {days} days")


class ContractInboxMessages:
    """Follows `InboxMessageDue` durably. The phone is the contract's: events carry none."""

    def __init__(self, contracts: ContractRepository, inbox: CustomerInbox) -> None:
        self._contracts = contracts
        self._inbox = inbox

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InboxMessageDue):
                await self._send(event)

    async def _send(self, event: InboxMessageDue) -> None:
        contract = await self._contracts.find(event.contract_id)
        if contract is None or not contract.customer_phone:  # deleted meanwhile, or written by the former system
            log.info("contract.inbox_message_dropped", extra={"contractNumber": event.contract_number})
            return
        await self._inbox.deliver(message_of(event, contract.customer_phone))
