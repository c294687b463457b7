"""The inbox of mini-program users, and how it follows their accounts."""

from collections.abc import Sequence

from domain.notifications.inbox.service import Inbox
from domain.shared.events import DomainEvent
from domain.users.events import UserDeleted, UserPhoneVerified
from integrations.mongo.inbox import MongoInbox, MongoInboxAccounts
from integrations.wiring.area import Area, followed_by
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.users import user_repository


def customer_inbox(base: Infrastructure) -> Inbox:
    return Inbox(MongoInbox(base.database), MongoInboxAccounts(user_repository(base)), base.clock)


def wire_inbox(base: Infrastructure) -> Area[Inbox]:
    inbox = customer_inbox(base)
    return Area(
        name="inbox",
        services=inbox,
        subscriptions=followed_by(AccountFollower(inbox), UserPhoneVerified, UserDeleted),
        create_indexes=MongoInbox(base.database).create_indexes,
    )


class AccountFollower:
    """Follows the accounts durably: a verified phone, a merge (which is a `UserDeleted`, too), a deletion."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, UserPhoneVerified | UserDeleted):
                await self._inbox.settle(event.user_id)
