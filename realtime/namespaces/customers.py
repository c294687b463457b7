"""`/customers`: changes of customers within each staff member's data scope and in the pool, and of dictionaries."""

from collections.abc import Sequence
from typing import ClassVar, Final

from domain.customers.events import CustomerChange, CustomerChanged, DictionaryChanged, ResponseBreached
from domain.customers.queries import customer_scope
from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/customers"
UNRESTRICTED_ROOM: Final = "all"
POOL_ROOM: Final = "pool"
"""The pool is visible to all connections here, and so are dictionaries."""


class CustomerChangedPush(Model):
    """`id` identifies the change; `customerId` is the customer's id in the REST API."""

    id: str
    customer_id: str
    change: CustomerChange
    owner_id: str
    in_public_pool: bool
    version: int
    at: Instant


class ResponseBreachedPush(Model):
    """`customerId` is the customer's id in the REST API."""

    customer_id: str
    owner_id: str
    assigned_at: Instant
    due_at: Instant
    at: Instant


class DictionaryChangedPush(Model):
    code: str
    version: int
    at: Instant


CUSTOMER_CHANGED = Push(
    "customerChanged",
    CustomerChangedPush,
    Text("客户有变化；version 只增不减", "A customer changed; `version` only increases"),
    must_arrive=True,
)
RESPONSE_BREACHED = Push(
    "responseBreached",
    ResponseBreachedPush,
    Text("首次响应超时", "The first response to a customer is overdue"),
    must_arrive=True,
)
DICTIONARY_CHANGED = Push(
    "dictionaryChanged",
    DictionaryChangedPush,
    Text("字典已修改，表单请重新获取选项", "A dictionary was edited: forms read their values again"),
    must_arrive=True,
)


class CustomersNamespace(StaffNamespace):
    name = NAME
    permission = "customer:view"
    about = Text("客户的变化（按数据范围，含公海）", "Changes of customers within your data scope, and of the pool")
    pushes: ClassVar = (CUSTOMER_CHANGED, RESPONSE_BREACHED, DICTIONARY_CHANGED)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        context.hub.translate(CustomerChanged, customer_changed)
        context.hub.translate(ResponseBreached, response_breached)
        context.hub.translate(DictionaryChanged, dictionary_changed)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        people = customer_scope(authority).people
        return frozenset({POOL_ROOM, *([UNRESTRICTED_ROOM] if people is None else map(owner_room, people))})


def owner_room(staff_id: str) -> str:
    return f"owner:{staff_id}"


def customer_changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, CustomerChanged):
        return ()
    card = event.card
    people = sorted({each for each in (card.owner_id, card.created_by, event.former_owner_id) if each})
    rooms = [UNRESTRICTED_ROOM, *map(owner_room, people), *([POOL_ROOM] if card.in_pool or event.left_pool else [])]
    payload = CustomerChangedPush(
        id=event.id,
        customer_id=card.id,
        change=event.change,
        owner_id=card.owner_id,
        in_public_pool=card.in_pool,
        version=card.version,
        at=event.at,
    )
    return [CUSTOMER_CHANGED.delivery(NAME, rooms, payload, entry)]


def response_breached(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, ResponseBreached):
        return ()
    card = event.card
    payload = ResponseBreachedPush(
        customer_id=card.id,
        owner_id=card.owner_id,
        assigned_at=event.assigned_at,
        due_at=event.due_at,
        at=event.at,
    )
    rooms = [UNRESTRICTED_ROOM, *map(owner_room, sorted({card.owner_id, card.created_by} - {""}))]
    return [RESPONSE_BREACHED.delivery(NAME, rooms, payload, entry)]


def dictionary_changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, DictionaryChanged):
        return ()
    payload = DictionaryChangedPush(code=event.code, version=event.version, at=event.at)
    return [DICTIONARY_CHANGED.delivery(NAME, (POOL_ROOM,), payload, entry)]
