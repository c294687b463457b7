"""The clients that are connected to this app process, by session id, visitor and record owner."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.presence.recovery import RecoveryRecord
from domain.presence.visitors import Credential, Visitor
from domain.shared.events import parse_offset
from realtime.engineio.socket import EngineSocket


@dataclass(frozen=True, slots=True)
class PendingClient:
    """A client that is being admitted; becomes a `Client` when it enters its rooms."""

    sid: str
    credential: Credential
    visitor: Visitor
    rooms: frozenset[str]
    start_offset: str
    epoch: str
    record_key: str = ""
    record_owner: str = ""
    record_saved: bool = True

    def record(self, namespace: str) -> RecoveryRecord:
        return RecoveryRecord(
            namespace=namespace,
            rooms=tuple(sorted(self.rooms)),
            visitor=self.visitor,
            epoch=self.epoch,
            base=self.start_offset,
            owner=self.record_owner,
        )


@dataclass(slots=True, eq=False)
class Client:
    """A client in one namespace over one connection."""

    sid: str
    namespace: str
    socket: EngineSocket
    visitor: Visitor
    credential: Credential
    """The newest that it has sent."""
    rooms: frozenset[str]
    record_key: str
    record_owner: str
    start_offset: str
    """It receives the events after this offset."""
    epoch: str
    record_saved: bool = True
    """False while the recovery record must be written: it has changed, or the store was unavailable."""

    @classmethod
    def of(cls, pending: PendingClient, namespace: str, socket: EngineSocket) -> "Client":
        return cls(
            sid=pending.sid,
            namespace=namespace,
            socket=socket,
            visitor=pending.visitor,
            credential=pending.credential,
            rooms=pending.rooms,
            record_key=pending.record_key,
            record_owner=pending.record_owner,
            start_offset=pending.start_offset,
            epoch=pending.epoch,
            record_saved=pending.record_saved,
        )

    def record(self) -> RecoveryRecord:
        return RecoveryRecord(
            namespace=self.namespace,
            rooms=tuple(sorted(self.rooms)),
            visitor=self.visitor,
            epoch=self.epoch,
            base=self.confirmed_offset,
            owner=self.record_owner,
        )

    @property
    def confirmed_offset(self) -> str:
        """All events up to this offset have arrived at the client."""
        confirmed = self.socket.confirmed_position
        if confirmed and parse_offset(confirmed) > parse_offset(self.start_offset):
            return confirmed
        return self.start_offset


class ClientRegistry:
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
        self._by_owner[client.record_owner] = client

    def remove(self, sid: str) -> Client | None:
        client = self._by_sid.pop(sid, None)
        if client is not None:
            of_visitor = self._by_visitor[client.visitor.id]
            del of_visitor[sid]
            if not of_visitor:
                del self._by_visitor[client.visitor.id]
            del self._by_owner[client.record_owner]
        return client

    def find(self, sid: str) -> Client | None:
        return self._by_sid.get(sid)

    def of_visitor(self, visitor_id: str) -> list[Client]:
        return list(self._by_visitor.get(visitor_id, {}).values())

    def by_record_owner(self, owner: str) -> Client | None:
        return self._by_owner.get(owner)
