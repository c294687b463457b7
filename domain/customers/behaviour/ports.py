"""Ports of behaviour, and of the link to mini-program users."""

from collections.abc import Sequence
from typing import Protocol

from domain.customers.behaviour.model import Behaviour
from domain.shared.events import DomainEvent
from domain.shared.model import Model


class BehaviourRepository(Protocol):
    async def find(self, entity_id: str) -> Behaviour | None: ...

    async def waiting_of(self, user_id: str) -> Sequence[str]:
        """Ids of the user's behaviour without a customer, the oldest first; at most some hundred."""

    async def save(self, entity: Behaviour, events: Sequence[DomainEvent]) -> Behaviour:
        """Raises Conflict, BehaviourRepeated, Unavailable."""


class MiniAccount(Model):
    """A mini-program user as it is now."""

    id: str
    openid: str
    nickname: str = ""
    phone: str = ""
    """Verified; else empty."""


class MiniAccounts(Protocol):
    async def surviving(self, user_id: str) -> MiniAccount | None:
        """The account, or the one that it was merged into; None for a deleted one. Raises Unavailable."""

    async def with_phone(self, phone: str) -> MiniAccount | None:
        """The account that has verified this number."""
