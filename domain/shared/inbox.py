"""Messages to customers in the inbox of the mini-program (小程序消息), as other areas send them."""

from typing import Any, Protocol

from pydantic import Field

from domain.shared.model import Instant, Model


class InboxMessage(Model):
    """`key` is the same each time the same message is sent. `phone` names the recipient: the account that has verified
    it, or will."""

    key: str
    type: str
    phone: str
    title: str
    title_en: str
    content: str
    content_en: str
    contract_id: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)
    at: Instant


class CustomerInbox(Protocol):
    async def deliver(self, message: InboxMessage) -> None:
        """Durable when it returns; delivering it again changes nothing. Raises Unavailable."""
