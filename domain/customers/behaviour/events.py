"""Events of behaviour."""

from typing import ClassVar

from domain.customers.behaviour.model import BehaviourKind
from domain.customers.events import CustomerEvent
from domain.shared.events import DomainEvent


class BehaviourReceived(DomainEvent):
    """Its customer is to be found or made."""

    type: ClassVar[str] = "customer.behaviour_received"
    published: ClassVar[bool] = False

    behaviour_id: str


class CustomerActed(CustomerEvent):
    """The customer of a behaviour is known, and the owner may be notified."""

    type: ClassVar[str] = "customer.acted"
    published: ClassVar[bool] = False

    action: BehaviourKind
    is_new: bool
    """The behaviour made the customer."""
    content: str = ""
