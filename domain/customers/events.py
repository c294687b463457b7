"""Events of customers. Each carries the customer's card right after the change, without personal numbers in clear."""

from typing import ClassVar, Literal

from domain.customers.follow_ups.model import FollowUp
from domain.customers.stages import Stage
from domain.shared.actor import ActorRef
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model

CustomerChange = Literal[
    "created",
    "updated",
    "stage",
    "assigned",
    "transferred",
    "released",
    "claimed",
    "followedUp",
    "frozen",
    "unfrozen",
    "deleted",
]
PoolAction = Literal["enter", "claim", "assign", "release"]
"""As in the former system's pool log: `release` by hand, `enter` by a rule."""


class CustomerCard(Model):
    id: str
    customer_id: str
    """The number that people see: `CUS…`."""
    name: str
    phone: str
    """Masked."""
    lead_source: str
    stage: Stage
    owner_id: str
    created_by: str
    in_pool: bool
    version: int


class CustomerEvent(DomainEvent):
    card: CustomerCard
    actor: ActorRef


class CustomerChanged(CustomerEvent):
    """Any change that a list or an open record shows."""

    type: ClassVar[str] = "customer.changed"

    change: CustomerChange
    former_owner_id: str = ""
    """Set when the owner has changed."""
    left_pool: bool = False


class CustomerStageChanged(CustomerEvent):
    type: ClassVar[str] = "customer.stage"

    from_stage: Stage
    to_stage: Stage


class CustomerAssigned(CustomerEvent):
    """The owner has changed; `card.owner_id` is the new one, empty after a release. A row of the assignment log."""

    type: ClassVar[str] = "customer.assigned"

    former_owner_id: str = ""
    reason: str = ""
    left_pool: bool = False


class CustomerPoolMoved(CustomerEvent):
    """The customer came into the pool or left it. A row of the pool log."""

    type: ClassVar[str] = "customer.pool"

    action: PoolAction
    former_owner_id: str = ""
    reason: str = ""


class CustomerFollowedUp(CustomerEvent):
    """A follow-up was recorded. The event has its id."""

    type: ClassVar[str] = "customer.followed_up"
    published: ClassVar[bool] = False

    follow_up: FollowUp


class FollowUpReminderDue(CustomerEvent):
    """The owner planned to follow up at `due_at`, which has come."""

    type: ClassVar[str] = "customer.follow_up_reminder"
    published: ClassVar[bool] = False

    due_at: Instant
    last_contact_at: Instant


class CustomerTransferred(CustomerEvent):
    """A rule of automatic transfer has given it to another owner. A row of the transfer records."""

    type: ClassVar[str] = "customer.transferred"
    published: ClassVar[bool] = False

    rule_id: str
    rule_name: str
    former_owner_id: str
    inactive_since: Instant
    customer_created_at: Instant


class ResponseBreached(CustomerEvent):
    """The owner's first response is overdue."""

    type: ClassVar[str] = "customer.response_breached"

    assigned_at: Instant
    due_at: Instant


class HoldingEnded(DomainEvent):
    """An entry of a staff member's holdings does not count any more."""

    type: ClassVar[str] = "customer.holding_ended"
    published: ClassVar[bool] = False

    staff_id: str
    holding_id: str


class PoolRulesChanged(DomainEvent):
    """An administrator has set the rules by which customers fall into the pool."""

    type: ClassVar[str] = "customer.pool_rules"

    version: int


class DictionaryChanged(DomainEvent):
    """An administrator has edited a dictionary."""

    type: ClassVar[str] = "customer.dictionary"

    code: str
    version: int
