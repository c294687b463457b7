"""The base of all namespaces: admission, recovery and departure of their clients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import StringConstraints

from domain.presence.recovery import RecoveryRecord
from domain.presence.visitors import Credential, Visitor
from domain.services import Services
from domain.shared.background import BackgroundJob
from domain.shared.errors import DomainError, RateLimited, Unavailable
from domain.shared.model import Instant, Model
from domain.shared.plain_text import PRINTABLE_ASCII
from domain.shared.ports import Clock
from domain.shared.text import Text
from realtime.delivery.client_registry import Client, ClientRegistry, PendingClient
from realtime.delivery.departed_clients import DepartedClients
from realtime.delivery.hub import Hub
from realtime.delivery.presence import PresenceTracker
from realtime.delivery.push import Push
from realtime.delivery.recovery import NotRecovered, Recovery, RecoveryRequest, Resumed, new_record_owner
from realtime.delivery.staff_authentication import INVALID_TOKEN, StaffAuthenticator, refusal
from realtime.engineio import close_reasons
from realtime.socketio.acknowledgements import acknowledged
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import Delivery
from realtime.socketio.errors import Refused, TryAgain
from realtime.socketio.namespace import Admission, Namespace

C = TypeVar("C", bound=Credential)
V = TypeVar("V", bound=Visitor)


class Authenticate(Model):
    token: Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=PRINTABLE_ASCII)]


class Authenticated(Model):
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class NamespaceContext:
    """Dependencies that the namespaces of one app process share."""

    hub: Hub
    rooms: ClientManager
    authenticator: StaffAuthenticator
    clients: ClientRegistry
    recovery: Recovery
    departed: DepartedClients
    presence: PresenceTracker
    clock: Clock
    process_id: str


class ClientNamespace(Namespace, Generic[C, V]):
    """A subclass decides who may enter, which rooms a client is in, and which snapshot it starts from."""

    name: ClassVar[str]
    """The namespace on the wire."""
    permission: ClassVar[str] = ""
    """The permission needed to enter; empty: every staff member may."""
    schemes: ClassVar[tuple[str, ...]] = ("staffToken",)
    """The security schemes accepted at the handshake, for the documentation."""
    about: ClassVar[Text]
    pushes: ClassVar[tuple[Push[Any], ...]]

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(self.name)
        self._context = context

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        """A subclass that needs services overrides this."""
        return cls(context)

    # for subclasses to define

    def identify(self, environ: dict[str, Any], auth: object) -> C:
        """Verifies the credential in the handshake. Raises Refused."""
        raise NotImplementedError

    def verify(self, token: str) -> C:
        """Verifies a credential that extends the connection. Raises Refused."""
        raise NotImplementedError

    async def authorise(self, credential: C, record: RecoveryRecord | None) -> V:
        """The visitor, if it may enter. `record`: its recovery record, if it reconnects. Raises DomainError."""
        raise NotImplementedError

    async def allowed_rooms(self, visitor: V, recorded: frozenset[str] | None) -> frozenset[str]:
        """The rooms for a visitor. `recorded`: its rooms until now; None for a new client. Raises DomainError."""
        raise NotImplementedError

    def can_resume(self, rooms: frozenset[str], recorded: frozenset[str]) -> bool:
        """True if a client of the `recorded` rooms can continue in `rooms`: it has not seen events of other rooms."""
        return rooms <= recorded

    async def snapshot(self, visitor: V) -> Sequence[Delivery]:
        """The snapshot that a new client starts from."""
        return ()

    def newest_snapshot(self, read: Sequence[Delivery]) -> Sequence[Delivery]:
        """The snapshot at the moment of entering. `read` may be out of date: only must-arrive events since then are
        replayed. Synchronous and cheap."""
        return read

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return ()

    def latest_values(self) -> Sequence[Delivery]:
        """Latest-only events for a client that was recovered. Synchronous and cheap."""
        return ()

    def client_entered(self, client: Client) -> None:
        """The client is in its rooms, new or recovered."""

    async def client_left(self, client: Client) -> None:
        """The client's connection has closed, or the client has left this namespace."""

    # entering

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        credential = self.identify(environ, auth)
        if not self._context.hub.started:
            raise TryAgain
        request = RecoveryRequest.read(auth)
        try:
            return await self._admit(sid, credential, request)
        except (Unavailable, RateLimited) as error:
            raise TryAgain from error
        except DomainError as error:
            raise refusal(error) from error

    async def _admit(self, sid: str, credential: C, request: RecoveryRequest | None) -> Admission:
        hub, recovery = self._context.hub, self._context.recovery
        outcome = None if request is None else await recovery.resume(request, credential, self.namespace)
        if request is not None and isinstance(outcome, Resumed):
            record, recorded = outcome.record, frozenset(outcome.record.rooms)
            visitor = await self.authorise(credential, record)
            rooms = await self.allowed_rooms(visitor, recorded)
            if self.can_resume(rooms, recorded):
                pending = PendingClient(
                    *(sid, credential, visitor, rooms, outcome.after, record.epoch),
                    record_key=outcome.record_key,
                    record_owner=outcome.record_owner,
                )
                return self._admit_recovered(pending, request.pid)
            outcome = NotRecovered("revoked")  # its rooms have changed: it starts anew
        visitor = await self.authorise(credential, None)
        rooms = await self.allowed_rooms(visitor, None)
        await recovery.catch_up(request)
        # The position is taken before the snapshot is read: later changes arrive as events.
        pending = PendingClient(sid, credential, visitor, rooms, hub.position, hub.epoch)
        return await self._admit_new(pending, visitor, outcome if isinstance(outcome, NotRecovered) else None)

    def _admit_recovered(self, pending: PendingClient, pid: str) -> Admission:
        return Admission(
            rooms=pending.rooms,
            answer={"pid": pid, "recovery": {"recovered": True}},
            backlog=lambda: [*self._missed(pending), *self.latest_values()],
            on_entered=lambda: self._entered(pending),
        )

    async def _admit_new(self, pending: PendingClient, visitor: V, not_recovered: NotRecovered | None) -> Admission:
        recovery = self._context.recovery
        snapshot = await self.snapshot(visitor)
        pid, key = recovery.new_pid()
        pending = replace(pending, record_key=key, record_owner=new_record_owner())
        saved = await recovery.save_record(key, pending.record(self.namespace))
        pending = replace(pending, record_saved=saved)
        answer: dict[str, object] = {"pid": pid}
        if not_recovered is not None:
            answer["recovery"] = {"recovered": False, "reason": not_recovered.reason}
        return Admission(
            rooms=pending.rooms,
            answer=answer,
            backlog=lambda: [*self.newest_snapshot(snapshot), *self._missed(pending)],
            on_entered=lambda: self._entered(pending),
        )

    def _missed(self, pending: PendingClient) -> Sequence[Delivery]:
        """Raises TryAgain if the history was trimmed in the meantime: the client learns that when it reconnects."""
        history = self._context.hub.history
        if not history.covers(pending.start_offset):
            raise TryAgain
        return history.missed(self.namespace, pending.rooms, pending.start_offset)

    def _entered(self, pending: PendingClient) -> None:
        context = self._context
        member = context.rooms.member(pending.sid, self.namespace)
        if member is None:
            return
        client = Client.of(pending, self.namespace, member.socket)
        context.clients.add(client)
        context.presence.client_entered(client)
        if pending.epoch != context.hub.epoch:
            context.recovery.close_connection(client, "history_lost")
        elif context.recovery.is_superseded(pending.record_owner):
            context.recovery.close_connection(client, "superseded")
        else:
            self.client_entered(client)

    # leaving

    async def client_disconnected(self, sid: str, reason: str) -> None:
        client = self._context.clients.remove(sid)
        if client is None:
            return
        self._context.presence.client_left(client)
        if reason in (close_reasons.NAMESPACE_LEFT, close_reasons.SERVER_DISCONNECT):
            self._context.departed.left(client)
        else:
            self._context.departed.closed(client)
        await self.client_left(client)

    # while connected

    @acknowledged(Authenticate)
    async def on_authenticate(self, sid: str, payload: Authenticate) -> Authenticated:
        """续期：用新凭证替换即将过期的凭证 · Replace an expiring token or ticket by a fresh one of the same person"""
        client = self._context.clients.find(sid)
        credential = self.verify(payload.token)
        if client is None or credential.subject != client.credential.subject:
            code, text = INVALID_TOKEN
            raise Refused(code, f"{text.zh} · {text.en}")
        visitor = await self.authorise(credential, None)
        client.credential = credential
        if visitor != client.visitor:
            client.visitor, client.record_saved = visitor, False
        return Authenticated(expires_at=credential.expires_at)

    async def recheck(self, client: Client) -> None:
        """Applies changed permissions: removes rooms, or closes the connection. Raises Unavailable."""
        try:
            visitor = await self.authorise(cast(C, client.credential), None)
            rooms = await self.allowed_rooms(visitor, client.rooms)
        except Unavailable:
            raise
        except DomainError as error:
            # The connection is closed, not refused: when the client reconnects, it is refused with the reason, or
            # enters with its new permissions.
            self._context.recovery.close_connection(client, error.code.lower())
            return
        if not self.can_resume(rooms, client.rooms):
            self._context.recovery.close_connection(client, "access_changed")
            return
        for room in client.rooms - rooms:
            self._context.rooms.leave(client.sid, self.namespace, room)
        if visitor != client.visitor or rooms != client.rooms:
            client.visitor, client.rooms, client.record_saved = visitor, rooms, False


NamespaceFactory = Callable[[NamespaceContext], ClientNamespace[Any, Any]]
