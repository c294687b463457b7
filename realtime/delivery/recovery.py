"""Connection state recovery, as the official Socket.IO client supports it.

The client keeps `pid` and the newest offset and sends both when it reconnects. Any app process can recover it. The pid
is a secret of 256 bits, prefixed with the epoch of the event stream; only its digest is stored.
"""

import asyncio
import hashlib
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter

from domain.presence.events import RecoveryClaimed
from domain.presence.recovery import DeliveryConfirmation, RecoveryRecord, RecoveryStore
from domain.presence.visitors import Credential
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, StreamEntry, parse_offset
from domain.shared.ports import EventPublisher, EventStream, IdGenerator
from realtime.delivery.client_registry import Client, ClientRegistry
from realtime.delivery.hub import Hub

log = logging.getLogger("error.recovery")

NotRecoveredReason = Literal["expired", "trimmed", "epoch", "revoked", "unknown"]

_PID: Final = re.compile(r"([0-9a-f]{12})\.[0-9A-Za-z_-]{43}")
_REACHED_SECONDS: Final = 5.0
_MAX_SUPERSEDED: Final = 20_000
_CLAIM_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """The pid and offset that a client sends when it reconnects."""

    pid: str
    epoch: str
    offset: str | None
    malformed: bool = False

    @property
    def record_key(self) -> str:
        return hashlib.sha256(self.pid.encode()).hexdigest()

    @classmethod
    def read(cls, auth: object) -> "RecoveryRequest | None":
        """None for a client that connects for the first time."""
        if not isinstance(auth, Mapping) or auth.get("pid") is None:
            return None
        pid, offset = auth["pid"], auth.get("offset")
        match = _PID.fullmatch(pid) if isinstance(pid, str) else None
        if match is None:
            return cls("", "", None, malformed=True)
        if offset is None:
            return cls(pid, match[1], None)
        try:
            parse_offset(offset)
        except (ValueError, AttributeError):
            return cls(pid, match[1], None, malformed=True)
        return cls(pid, match[1], offset)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The client receives the events after `after`, as the new owner of its record."""

    record: RecoveryRecord
    record_key: str
    record_owner: str
    after: str


@dataclass(frozen=True, slots=True)
class NotRecovered:
    reason: NotRecoveredReason


class Recovery:
    def __init__(
        self,
        store: RecoveryStore,
        hub: Hub,
        stream: EventStream,
        publisher: EventPublisher,
        clients: ClientRegistry,
        ids: IdGenerator,
        registry: CollectorRegistry,
    ) -> None:
        self._store = store
        self._hub = hub
        self._stream = stream
        self._publisher = publisher
        self._clients = clients
        self._ids = ids
        self._superseded: OrderedDict[str, None] = OrderedDict()
        self._claims: list[DomainEvent] = []
        self._outcomes = Counter(
            "realtime_recoveries", "Attempts to recover a connection", ["outcome"], registry=registry
        )
        hub.listen(RecoveryClaimed, self._recovery_claimed)

    async def resume(self, request: RecoveryRequest, credential: Credential, namespace: str) -> Resumed | NotRecovered:
        """Takes over the record of the request. Raises Unavailable when the outcome cannot be known now."""
        outcome = await self._resume(request, credential, namespace)
        self._outcomes.labels("recovered" if isinstance(outcome, Resumed) else outcome.reason).inc()
        return outcome

    async def _resume(self, request: RecoveryRequest, credential: Credential, namespace: str) -> Resumed | NotRecovered:
        if request.malformed:
            return NotRecovered("unknown")
        if request.epoch != self._hub.epoch:
            return NotRecovered("epoch")
        if request.offset is not None and not await self._was_issued(request.offset):
            return NotRecovered("unknown")
        owner = new_record_owner()
        record = await self._store.claim(request.record_key, credential.subject, namespace, owner)
        if record is None:
            return NotRecovered("expired")
        if record.owner:
            self._supersede(record.owner)
        # The client keeps its newest offset across connections that were not recovered: an offset older than the
        # record's says nothing about this connection.
        after = record.base
        if request.offset is not None and parse_offset(request.offset) > parse_offset(after):
            after = request.offset
        if not await self._hub.reached(after, _REACHED_SECONDS):
            raise Unavailable
        if record.epoch != self._hub.epoch:
            return NotRecovered("epoch")
        if not self._hub.history.covers(after):
            return NotRecovered("trimmed")
        return Resumed(record, request.record_key, owner, after)

    async def _was_issued(self, offset: str) -> bool:
        """True if an event with this offset can exist: a client may send any text as offset."""
        if parse_offset(offset) <= parse_offset(self._hub.position):
            return True
        return parse_offset(offset) <= parse_offset((await self._stream.state()).head)

    async def catch_up(self, request: RecoveryRequest | None) -> None:
        """For a client that starts anew: waits until this process has passed the offset that the client has seen."""
        if request is None or request.offset is None:
            return
        try:
            if await self._was_issued(request.offset):
                await self._hub.reached(request.offset, _REACHED_SECONDS)
        except Unavailable:
            return

    def new_pid(self) -> tuple[str, str]:
        """A pid for the client, and its record key."""
        pid = f"{self._hub.epoch}.{secrets.token_urlsafe(32)}"
        return pid, hashlib.sha256(pid.encode()).hexdigest()

    def is_superseded(self, owner: str) -> bool:
        return owner in self._superseded

    async def save_record(self, key: str, record: RecoveryRecord) -> bool:
        """False when the store is unavailable: `confirm_deliveries` writes the record later."""
        try:
            await self._store.open(key, record)
        except Unavailable:
            return False
        return True

    async def delete_records(self, *keys: str) -> None:
        """For clients that left on purpose or were disconnected. A record that is not deleted expires by itself."""
        try:
            await self._store.forget(keys)
        except Unavailable:
            log.warning("recovery.not_forgotten", extra={"count": len(keys)})

    async def confirm_deliveries(self, clients: Sequence[Client], *, released: bool) -> None:
        """Stores up to which offset events have arrived at these clients. Raises Unavailable."""
        confirmations = [
            DeliveryConfirmation(
                key=each.record_key, owner=each.record_owner, base=each.confirmed_offset, released=released
            )
            for each in clients
        ]
        missing = set(await self._store.confirm_deliveries(confirmations))
        unsaved = [each for each in clients if each.record_key in missing or not each.record_saved]
        for client in unsaved:
            await self._store.open(client.record_key, client.record())
            client.record_saved = True
        if released and unsaved:
            await self._store.confirm_deliveries([each for each in confirmations if each.key in missing])

    async def publish_claims(self) -> None:
        """Tells the other app processes which of their sockets are dead. Raises Unavailable; the rest is kept then."""
        while self._claims:
            batch = self._claims[:_CLAIM_BATCH]
            await self._publisher.publish(batch)
            del self._claims[: len(batch)]

    def _supersede(self, owner: str) -> None:
        if (former := self._clients.by_record_owner(owner)) is not None:
            self.close_connection(former, "superseded")
        else:
            # Published later: the former socket is dead or dying, and costs only memory until then.
            self._claims.append(RecoveryClaimed(id=self._ids.next_id(), at=datetime.now(UTC), owner=owner))

    def _recovery_claimed(self, entry: StreamEntry) -> None:
        if not isinstance(entry.event, RecoveryClaimed):
            return
        # The former owner may still be in the process of being admitted.
        self._superseded[entry.event.owner] = None
        if len(self._superseded) > _MAX_SUPERSEDED:
            self._superseded.popitem(last=False)
        if (former := self._clients.by_record_owner(entry.event.owner)) is not None:
            self.close_connection(former, "superseded")

    @staticmethod
    def close_connection(client: Client, reason: str) -> None:
        """Closes the connection; the official client reconnects by itself."""
        asyncio.get_running_loop().call_soon(client.socket.close, reason)


def new_record_owner() -> str:
    return secrets.token_hex(8)
