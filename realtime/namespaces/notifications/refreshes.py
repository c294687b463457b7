"""The `refresh` pushes: which list an event changes, and who sees that list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.contracts.events import ContractChanged, ContractEvent, ContractStatusChanged
from domain.interviews.events import InterviewEnded, InterviewOpened, InterviewScheduled
from domain.interviews.record.model import MANAGE, VIEW
from domain.shared.authority import StaffAuthority
from domain.shared.events import DomainEvent, StreamEntry
from domain.shared.scope import Resource, Scope, scope_of
from realtime.namespaces.notifications.pushes import NAME, REFRESH, RefreshPush
from realtime.socketio.delivery import Delivery

EVERYTHING: Final = "all"


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    data: Mapping[str, str]
    """Ids only."""
    owner_id: str


@dataclass(frozen=True)
class ListRefresh:
    name: str
    """The `eventType` on the wire."""
    causes: tuple[type[DomainEvent], ...]
    change: Callable[[Any], ChangedRecord | None]
    permission: str
    resource: Resource
    unrestricted_permission: str = ""
    """Staff without it see their own records only."""

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        if not authority.may(self.permission):
            return frozenset()
        restricted = self.unrestricted_permission and not authority.may(self.unrestricted_permission)
        scope = Scope.of(authority.id) if restricted else scope_of(authority, self.resource)
        return frozenset({self._room(EVERYTHING)} if scope.people is None else map(self._room, scope.people))

    def deliveries(self, entry: StreamEntry) -> Sequence[Delivery]:
        changed = self.change(entry.event)
        if changed is None:
            return ()
        payload = RefreshPush(event_type=self.name, data=dict(changed.data), timestamp=entry.event.at)
        rooms = self._room(EVERYTHING), self._room(changed.owner_id)
        return [REFRESH.delivery(NAME, rooms, payload, entry)]

    def _room(self, owner: str) -> str:
        return f"{self.name}:{owner}"


def _contract(event: ContractEvent) -> ChangedRecord:
    return ChangedRecord({"contractId": event.card.id}, event.card.owner_id)


def _signed(event: ContractStatusChanged) -> ChangedRecord | None:
    """The customer becomes a customer with a contract."""
    return _contract(event) if event.is_signing_completed else None


def _interview(event: InterviewScheduled | InterviewOpened | InterviewEnded) -> ChangedRecord:
    return ChangedRecord({"roomId": event.room_id}, event.host_user_id)


REFRESHES: Final = (
    ListRefresh("customerList", (ContractStatusChanged,), _signed, "customer:view", Resource.CONTRACT),
    ListRefresh(
        "contractList", (ContractStatusChanged, ContractChanged), _contract, "contract:view", Resource.CONTRACT
    ),
    ListRefresh(
        "interviewList",
        (InterviewScheduled, InterviewOpened, InterviewEnded),
        _interview,
        VIEW,
        Resource.INTERVIEW,
        unrestricted_permission=MANAGE,
    ),
)
