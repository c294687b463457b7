"""Connection state recovery as the official client speaks it: it keeps `pid` and the newest offset, and shows both when
it comes back. Any worker can take it up again.

The pid is a secret of 256 bits behind the name of the bus's epoch; only its digest is stored.
"""

import asyncio
import hashlib
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
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
from realtime.delivery.clients import Client, Clients
from realtime.delivery.hub import Hub

log = logging.getLogger("error.recovery")

Why = Literal["expired", "trimmed", "epoch", "revoked", "unknown"]

_PID: Final = re.compile(r"([0-9a-f]{12})\.[0-9A-Za-z_-]{43}")
_REACHED_SECONDS: Final = 5.0
_MOST_SUPERSEDED: Final = 20_000
_MOST_CLAIMS: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client that was here before sends along."""

    pid: str
    epoch: str
    offset: str | None
    garbled: bool = False

    @property
    def key(self) -> str:
        return hashlib.sha256(self.pid.encode()).hexdigest()

    @classmethod
    def read(cls, auth: object) -> "Shown | None":
        """None for a client that was never here."""
        if not isinstance(auth, Mapping) or auth.get("pid") is None:
            return None
        pid, offset = auth["pid"], auth.get("offset")
        match = _PID.fullmatch(pid) if isinstance(pid, str) else None
        if match is None:
            return cls("", "", None, garbled=True)
        if offset is None:
            return cls(pid, match[1], None)
        try:
            parse_offset(offset)
        except (ValueError, AttributeError):
            return cls(pid, match[1], None, garbled=True)
        return cls(pid, match[1], offset)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The client goes on after `after`, as the new owner of its record."""

    record: RecoveryRecord
    key: str
    owner: str
    after: str


@dataclass(frozen=True, slots=True)
class Lost:
    why: Why


class Recovery:
    def __init__(
        self,
        store: RecoveryStore,
        hub: Hub,
        stream: EventStream,
        publisher: EventPublisher,
        clients: Clients,
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
        self._outcomes = Counter("realtime_recoveries", "Clients that came back", ["outcome"], registry=registry)
        hub.listen(RecoveryClaimed, self._someone_claimed)

    async def resume(self, shown: Shown, credential: Credential, namespace: str) -> Resumed | Lost:
        """Take over what `shown` names. Raises Unavailable: whether it can be recovered is not known now."""
        outcome = await self._resume(shown, credential, namespace)
        self._outcomes.labels("recovered" if isinstance(outcome, Resumed) else outcome.why).inc()
        return outcome

    async def _resume(self, shown: Shown, credential: Credential, namespace: str) -> Resumed | Lost:
        if shown.garbled:
            return Lost("unknown")
        if shown.epoch != self._hub.epoch:
            return Lost("epoch")
        if shown.offset is not None and not await self._is_real(shown.offset):
            return Lost("unknown")
        owner = new_owner()
        record = await self._store.claim(shown.key, credential.subject, namespace, owner)
        if record is None:
            return Lost("expired")
        if record.owner:
            self._supersede(record.owner)
        # The client keeps its newest offset across connections that were not recovered: an older one than ours tells
        # nothing about this one.
        after = record.base
        if shown.offset is not None and parse_offset(shown.offset) > parse_offset(after):
            after = shown.offset
        if not await self._hub.reached(after, _REACHED_SECONDS):
            raise Unavailable
        if record.epoch != self._hub.epoch:
            return Lost("epoch")
        if not self._hub.history.covers(after):
            return Lost("trimmed")
        return Resumed(record, shown.key, owner, after)

    async def _is_real(self, offset: str) -> bool:
        """Whether this is an offset that somebody was given, and not any text that came as a last argument."""
        if parse_offset(offset) <= parse_offset(self._hub.position):
            return True
        return parse_offset(offset) <= parse_offset((await self._stream.state()).head)

    async def catch_up(self, shown: Shown | None) -> None:
        """For a fresh start: its events must begin after anything the client can show an offset of."""
        if shown is None or shown.offset is None:
            return
        try:
            if await self._is_real(shown.offset):
                await self._hub.reached(shown.offset, _REACHED_SECONDS)
        except Unavailable:
            return

    def new_pid(self) -> tuple[str, str]:
        """(pid for the client, key to store)."""
        pid = f"{self._hub.epoch}.{secrets.token_urlsafe(32)}"
        return pid, hashlib.sha256(pid.encode()).hexdigest()

    def is_superseded(self, owner: str) -> bool:
        return owner in self._superseded

    async def remember(self, key: str, record: RecoveryRecord) -> bool:
        """False when the store is away: `confirm_deliveries` writes the record later."""
        try:
            await self._store.open(key, record)
        except Unavailable:
            return False
        return True

    async def forget(self, *keys: str) -> None:
        """For clients that left on purpose or were put out. A record that stays behind ends by itself."""
        try:
            await self._store.forget(keys)
        except Unavailable:
            log.warning("recovery.not_forgotten", extra={"count": len(keys)})

    async def confirm_deliveries(self, clients: list[Client], *, released: bool) -> None:
        """Store what has arrived at these clients. Raises Unavailable."""
        confirmations = [
            DeliveryConfirmation(key=each.key, owner=each.owner, base=each.base, released=released) for each in clients
        ]
        missing = set(await self._store.confirm_deliveries(confirmations))
        lost = [each for each in clients if each.key in missing or not each.recorded]
        for client in lost:
            await self._store.open(client.key, client.record())
            client.recorded = True
        if released and lost:
            await self._store.confirm_deliveries([proof for proof in confirmations if proof.key in missing])

    async def tell_claims(self) -> None:
        """Let the other workers know whose sockets are dead. Raises Unavailable; nothing is forgotten then."""
        while self._claims:
            batch = self._claims[:_MOST_CLAIMS]
            await self._publisher.publish(batch)
            del self._claims[: len(batch)]

    def _supersede(self, owner: str) -> None:
        if (former := self._clients.owning(owner)) is not None:
            self.let_go(former, "superseded")
        else:
            # Not worth waiting for: the former socket is dead or dying, and only costs memory until it is told.
            self._claims.append(RecoveryClaimed(id=self._ids.next_id(), at=datetime.now(UTC), owner=owner))

    def _someone_claimed(self, entry: StreamEntry) -> None:
        if not isinstance(entry.event, RecoveryClaimed):
            return
        # The former owner may still be on its way in.
        self._superseded[entry.event.owner] = None
        if len(self._superseded) > _MOST_SUPERSEDED:
            self._superseded.popitem(last=False)
        if (former := self._clients.owning(entry.event.owner)) is not None:
            self.let_go(former, "superseded")

    @staticmethod
    def let_go(client: Client, reason: str) -> None:
        """Close the connection; the official client comes back by itself."""
        asyncio.get_running_loop().call_soon(client.socket.close, reason)


def new_owner() -> str:
    return secrets.token_hex(8)
