"""Who is connected to this worker, found by whatever an event names them with."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.presence.recovery import RecoveryRecord
from domain.presence.visitors import Credential, Visitor
from domain.shared.events import parse_offset
from realtime.engineio.socket import EngineSocket


@dataclass(frozen=True, slots=True)
class Ticket:
    """What admission found out; becomes a `Client` when it enters."""

    sid: str
    credential: Credential
    visitor: Visitor
    rooms: frozenset[str]
    start: str
    epoch: str
    key: str = ""
    owner: str = ""
    recorded: bool = True

    def record(self, namespace: str) -> RecoveryRecord:
        return RecoveryRecord(
            namespace=namespace,
            rooms=tuple(sorted(self.rooms)),
            visitor=self.visitor,
            epoch=self.epoch,
            base=self.start,
            owner=self.owner,
        )


@dataclass(slots=True, eq=False)
class Client:
    """Somebody in one namespace over one connection."""

    sid: str
    namespace: str
    socket: EngineSocket
    visitor: Visitor
    credential: Credential
    """The newest that was shown."""
    rooms: frozenset[str]
    key: str
    """Of the recovery record."""
    owner: str
    start: str
    """The offset that its events began after."""
    epoch: str
    recorded: bool = True
    """False while the record still has to be written: it changed, or the store was away."""

    @classmethod
    def of(cls, ticket: Ticket, namespace: str, socket: EngineSocket) -> "Client":
        return cls(
            sid=ticket.sid,
            namespace=namespace,
            socket=socket,
            visitor=ticket.visitor,
            credential=ticket.credential,
            rooms=ticket.rooms,
            key=ticket.key,
            owner=ticket.owner,
            start=ticket.start,
            epoch=ticket.epoch,
            recorded=ticket.recorded,
        )

    def record(self) -> RecoveryRecord:
        return RecoveryRecord(
            namespace=self.namespace,
            rooms=tuple(sorted(self.rooms)),
            visitor=self.visitor,
            epoch=self.epoch,
            base=self.base,
            owner=self.owner,
        )

    @property
    def base(self) -> str:
        """Everything up to here is known to have arrived."""
        confirmed = self.socket.confirmed_position
        return confirmed if confirmed and parse_offset(confirmed) > parse_offset(self.start) else self.start


class Clients:
    def __init__(self) -> None:
        self._by_sid: dict[str, Client] = {}
        self._by_visitor: dict[str, dict[str, Client]] = {}
        self._by_owner: dict[str, Client] = {}

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def add(self, client: Client) -> None:
        self._by_sid[client.sid] = client
        self._by_visitor.setdefault(client.visitor.id, {})[client.sid] = client
        self._by_owner[client.owner] = client

    def remove(self, sid: str) -> Client | None:
        client = self._by_sid.pop(sid, None)
        if client is not None:
            theirs = self._by_visitor[client.visitor.id]
            del theirs[sid]
            if not theirs:
                del self._by_visitor[client.visitor.id]
            del self._by_owner[client.owner]
        return client

    def find(self, sid: str) -> Client | None:
        return self._by_sid.get(sid)

    def of(self, visitor_id: str) -> list[Client]:
        return list(self._by_visitor.get(visitor_id, {}).values())

    def owning(self, owner: str) -> Client | None:
        return self._by_owner.get(owner)
