"""What every namespace has in common: the way in, the way back in, the way out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Generic, TypeVar, cast

from pydantic import Field

from domain.presence.recovery import RecoveryRecord
from domain.presence.visitors import Credential, Visitor
from domain.shared.background import BackgroundJob
from domain.shared.errors import DomainError, RateLimited, Unavailable
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from realtime.delivery.clients import Client, Clients, Ticket
from realtime.delivery.departed_clients import DepartedClients
from realtime.delivery.handshake import INVALID_TOKEN, Doorkeeper, refusal
from realtime.delivery.hub import Hub
from realtime.delivery.presence import Presence
from realtime.delivery.push import Push
from realtime.delivery.recovery import Lost, Recovery, Resumed, Shown, new_owner
from realtime.engineio import close_reasons
from realtime.socketio.acknowledgements import acknowledged
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import Delivery
from realtime.socketio.errors import Refused, TryAgain
from realtime.socketio.namespace import Admission, Namespace

C = TypeVar("C", bound=Credential)
V = TypeVar("V", bound=Visitor)


class Authenticate(Model):
    token: Annotated[str, Field(min_length=1, max_length=4096)]


class Authenticated(Model):
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class NamespaceContext:
    """What the namespaces of one worker share."""

    hub: Hub
    rooms: ClientManager
    authenticator: Doorkeeper
    clients: Clients
    recovery: Recovery
    departed: DepartedClients
    presence: Presence


class ClientNamespace(Namespace, Generic[C, V]):
    """A subclass says who may enter, which rooms they get, and what they see first."""

    name: ClassVar[str]
    """Its address on the wire."""
    permission: ClassVar[str]
    """What is needed to enter, as the documentation shows it."""
    schemes: ClassVar[tuple[str, ...]] = ("staffToken",)
    """What may be shown to enter, likewise."""
    about: ClassVar[Text]
    pushes: ClassVar[tuple[Push[Any], ...]]

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(self.name)
        self._context = context

    # what a subclass says

    def identify(self, environ: dict[str, Any], auth: object) -> C:
        """What is shown at the door, and proved genuine. Raises Refused."""
        raise NotImplementedError

    def verify(self, token: str) -> C:
        """What is shown later on, to stay longer. Raises Refused."""
        raise NotImplementedError

    async def authorise(self, credential: C, record: RecoveryRecord | None) -> V:
        """Who that is, if they may be here. `record` is what was known of them before. Raises DomainError."""
        raise NotImplementedError

    async def listening(self, visitor: V, recorded: frozenset[str] | None) -> frozenset[str]:
        """The rooms that they may be in. `recorded`: those they were in; None for a newcomer. Raises DomainError."""
        raise NotImplementedError

    def goes_on(self, rooms: frozenset[str], recorded: frozenset[str]) -> bool:
        """Whether `rooms` can be taken up where `recorded` was left. What happened in wider ones was never shown."""
        return rooms <= recorded

    async def opening(self, visitor: V) -> Sequence[Delivery]:
        """The snapshot that a client starts from."""
        return ()

    def caught_up(self, opening: Sequence[Delivery]) -> Sequence[Delivery]:
        """The snapshot at the moment of entering: only what must arrive is given again if it came meanwhile. Must cost
        nothing."""
        return opening

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return ()

    def newest(self) -> Sequence[Delivery]:
        """Latest-only values for a client that comes back; must cost nothing."""
        return ()

    def entered(self, client: Client) -> None:
        """They are in their rooms, for the first time or again."""

    async def gone(self, client: Client) -> None:
        """Their connection is gone, or has left this namespace."""

    # in

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        credential = self.identify(environ, auth)
        if not self._context.hub.started:
            raise TryAgain
        shown = Shown.read(auth)
        try:
            return await self._admit(sid, credential, shown)
        except (Unavailable, RateLimited) as error:
            raise TryAgain from error
        except DomainError as error:
            raise refusal(error) from error

    async def _admit(self, sid: str, credential: C, shown: Shown | None) -> Admission:
        hub, recovery = self._context.hub, self._context.recovery
        found = None if shown is None else await recovery.resume(shown, credential, self.namespace)
        if shown is not None and isinstance(found, Resumed):
            record, recorded = found.record, frozenset(found.record.rooms)
            visitor = await self.authorise(credential, record)
            rooms = await self.listening(visitor, recorded)
            if self.goes_on(rooms, recorded):
                ticket = Ticket(sid, credential, visitor, rooms, found.after, record.epoch, found.key, found.owner)
                return self._welcome_back(ticket, shown.pid)
            found = Lost("revoked")  # what it may see now is not what it saw: it starts anew
        visitor = await self.authorise(credential, None)
        rooms = await self.listening(visitor, None)
        await recovery.catch_up(shown)
        # Taken before the snapshot: what happens while that is read comes as events.
        ticket = Ticket(sid, credential, visitor, rooms, hub.position, hub.epoch)
        return await self._welcome(ticket, visitor, found if isinstance(found, Lost) else None)

    def _welcome_back(self, ticket: Ticket, pid: str) -> Admission:
        return Admission(
            rooms=ticket.rooms,
            answer={"pid": pid, "recovery": {"recovered": True}},
            backlog=lambda: [*self._missed(ticket), *self.newest()],
            on_entered=lambda: self._entered(ticket),
        )

    async def _welcome(self, ticket: Ticket, visitor: V, lost: Lost | None) -> Admission:
        recovery = self._context.recovery
        opening = await self.opening(visitor)
        pid, key = recovery.new_pid()
        ticket = replace(ticket, key=key, owner=new_owner())
        ticket = replace(ticket, recorded=await recovery.remember(key, ticket.record(self.namespace)))
        answer: dict[str, object] = {"pid": pid}
        if lost is not None:
            answer["recovery"] = {"recovered": False, "reason": lost.why}
        return Admission(
            rooms=ticket.rooms,
            answer=answer,
            backlog=lambda: [*self.caught_up(opening), *self._missed(ticket)],
            on_entered=lambda: self._entered(ticket),
        )

    def _missed(self, ticket: Ticket) -> Sequence[Delivery]:
        """Raises TryAgain when the history was cut in the meantime: the client is told the truth when it is back."""
        history = self._context.hub.history
        if not history.covers(ticket.start):
            raise TryAgain
        return history.missed(self.namespace, ticket.rooms, ticket.start)

    def _entered(self, ticket: Ticket) -> None:
        context = self._context
        member = context.rooms.member(ticket.sid, self.namespace)
        if member is None:
            return
        client = Client.of(ticket, self.namespace, member.socket)
        context.clients.add(client)
        context.presence.entered(client)
        if ticket.epoch != context.hub.epoch:
            context.recovery.let_go(client, "history_lost")
        elif context.recovery.is_superseded(ticket.owner):
            context.recovery.let_go(client, "superseded")
        else:
            self.entered(client)

    # out

    async def client_disconnected(self, sid: str, reason: str) -> None:
        client = self._context.clients.remove(sid)
        if client is None:
            return
        self._context.presence.left(client)
        if reason in (close_reasons.NAMESPACE_LEFT, close_reasons.SERVER_DISCONNECT):
            self._context.departed.left(client)
        else:
            self._context.departed.closed(client)
        await self.gone(client)

    # in between

    @acknowledged(Authenticate)
    async def on_authenticate(self, sid: str, payload: Authenticate) -> Authenticated:
        """续期：用新凭证替换即将过期的凭证 · go on with a fresh token (or ticket) of the same person"""
        client = self._context.clients.find(sid)
        credential = self.verify(payload.token)
        if client is None or credential.subject != client.credential.subject:
            code, text = INVALID_TOKEN
            raise Refused(code, f"{text.zh} · {text.en}")
        visitor = await self.authorise(credential, None)
        client.credential = credential
        if visitor != client.visitor:
            client.visitor, client.recorded = visitor, False
        return Authenticated(expires_at=credential.expires_at)

    async def recheck(self, client: Client) -> None:
        """Something about the account has changed. Raises Unavailable."""
        try:
            visitor = await self.authorise(cast(C, client.credential), None)
            rooms = await self.listening(visitor, client.rooms)
        except Unavailable:
            raise
        except DomainError as error:
            # Not a goodbye for good: whoever comes back is told why not, or enters with what is allowed now.
            self._context.recovery.let_go(client, error.code.lower())
            return
        if not self.goes_on(rooms, client.rooms):
            self._context.recovery.let_go(client, "access_changed")
            return
        for room in client.rooms - rooms:
            self._context.rooms.leave(client.sid, self.namespace, room)
        if visitor != client.visitor or rooms != client.rooms:
            client.visitor, client.rooms, client.recorded = visitor, rooms, False
