"""What every namespace of staff has in common: the way in, the way back in, the way out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.presence.recovery import RecoveryRecord
from domain.sessions.tokens import AccessClaims
from domain.shared.errors import DomainError, RateLimited, Unavailable
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from domain.staff.model import StaffAuthority
from realtime import reasons
from realtime.acks import acknowledged
from realtime.admission import Admission, Namespace, Refused, TryAgain
from realtime.auth import INVALID_TOKEN, Doorkeeper, refusal
from realtime.clients import Client, Clients, Ticket
from realtime.fanout import Delivery
from realtime.hub import Hub
from realtime.presence import Presence
from realtime.pushes import Push
from realtime.recovery import Lost, Recovery, Resumed, Shown, new_owner
from realtime.rooms import Rooms


class Authenticate(Model):
    token: Annotated[str, Field(min_length=1, max_length=4096)]


class Authenticated(Model):
    expires_at: Instant


class ServerDraining(Model):
    delay_ms: int


class ForcedOffline(Model):
    reason: str
    by: str


SERVER_DRAINING = Push(
    "serverDraining",
    ServerDraining,
    Text("服务即将重启，请在 delayMs 毫秒后重连", "This server will close; reconnect after delayMs"),
)
FORCED_OFFLINE = Push(
    "forcedOffline",
    ForcedOffline,
    Text("被管理员强制下线，随后断开", "An administrator ends this connection; it closes right after"),
)


class Desk:
    """What the namespaces of one worker share."""

    def __init__(
        self, hub: Hub, rooms: Rooms, door: Doorkeeper, clients: Clients, recovery: Recovery, presence: Presence
    ) -> None:
        self.hub = hub
        self.rooms = rooms
        self.door = door
        self.clients = clients
        self.recovery = recovery
        self.presence = presence
        self.releases: list[Client] = []
        """Clients whose connection closed, to be written down."""
        self.forgets: list[str] = []
        """Records of clients that left for good."""


class StaffNamespace(Namespace):
    """A subclass says who may enter, which rooms they get, and what they see first."""

    permission: ClassVar[str]
    about: ClassVar[Text]
    pushes: ClassVar[tuple[Push[Any], ...]]

    def __init__(self, name: str, desk: Desk) -> None:
        super().__init__(name)
        self._desk = desk

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        return frozenset({"staff"})

    async def opening(self, authority: StaffAuthority) -> Sequence[Delivery]:
        """The snapshot that a client starts from."""
        return ()

    async def run(self) -> None:
        """What goes on in the background of every worker, until cancelled; nothing, unless a subclass says so."""

    def newest(self) -> Sequence[Delivery]:
        """Latest-only values for a client that comes back; must cost nothing."""
        return ()

    # in

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        claims = self._desk.door.identify(environ, auth)
        if not self._desk.hub.started:
            raise TryAgain
        shown = Shown.read(auth)
        try:
            return await self._admit(sid, claims, shown)
        except (Unavailable, RateLimited) as error:
            raise TryAgain from error
        except DomainError as error:
            raise refusal(error) from error

    async def _admit(self, sid: str, claims: AccessClaims, shown: Shown | None) -> Admission:
        hub, recovery = self._desk.hub, self._desk.recovery
        found = None if shown is None else await recovery.resume(shown, claims, self.namespace)
        record = found.record if isinstance(found, Resumed) else None
        authority = await self._authority(claims, record)
        authority.require(self.permission)
        rooms = self.rooms_of(authority)
        if shown is not None and isinstance(found, Resumed):
            if rooms <= frozenset(found.record.rooms):
                ticket = Ticket(sid, claims, authority, rooms, found.after, found.record.epoch, found.key, found.owner)
                return self._welcome_back(ticket, shown.pid)
            found = Lost("revoked")  # what it may see now is not what it saw: it starts anew
        await recovery.catch_up(shown)
        # Taken before the snapshot: what happens while that is read comes as events.
        ticket = Ticket(sid, claims, authority, rooms, hub.position, hub.epoch)
        return await self._welcome(ticket, found if isinstance(found, Lost) else None)

    async def _authority(self, claims: AccessClaims, record: RecoveryRecord | None) -> StaffAuthority:
        """A storm of clients that come back must not read the store: what is on record is used as long as nothing on
        the bus contradicts it."""
        door = self._desk.door
        if record is not None and record.authority.session_id == claims.session_id:
            known = record.authority
            if door.still_valid(known, as_of=record.base):
                return known
        return await door.authority_of(claims)

    def _welcome_back(self, ticket: Ticket, pid: str) -> Admission:
        return Admission(
            rooms=ticket.rooms,
            answer={"pid": pid, "recovery": {"recovered": True}},
            backlog=lambda: [*self._missed(ticket), *self.newest()],
            admitted=lambda: self._entered(ticket),
        )

    async def _welcome(self, ticket: Ticket, lost: Lost | None) -> Admission:
        recovery = self._desk.recovery
        opening = await self.opening(ticket.authority)
        pid, key = recovery.new_pid()
        ticket = replace(ticket, key=key, owner=new_owner())
        ticket = replace(ticket, recorded=await recovery.remember(key, ticket.record(self.namespace)))
        answer: dict[str, object] = {"pid": pid}
        if lost is not None:
            answer["recovery"] = {"recovered": False, "reason": lost.why}
        return Admission(
            rooms=ticket.rooms,
            answer=answer,
            backlog=lambda: [*opening, *self._missed(ticket)],
            admitted=lambda: self._entered(ticket),
        )

    def _missed(self, ticket: Ticket) -> Sequence[Delivery]:
        """Raises TryAgain when the history was cut in the meantime: the client is told the truth when it is back."""
        history = self._desk.hub.history
        if not history.covers(ticket.start):
            raise TryAgain
        return history.missed(self.namespace, ticket.rooms, ticket.start)

    def _entered(self, ticket: Ticket) -> None:
        desk = self._desk
        member = desk.rooms.member(ticket.sid, self.namespace)
        if member is None:
            return
        client = Client.of(ticket, self.namespace, member.socket)
        desk.clients.add(client)
        desk.presence.entered(client)
        if ticket.epoch != desk.hub.epoch:
            desk.recovery.let_go(client, "history_lost")
        elif desk.recovery.is_superseded(ticket.owner):
            desk.recovery.let_go(client, "superseded")

    # out

    async def left(self, sid: str, reason: str) -> None:
        client = self._desk.clients.remove(sid)
        if client is None:
            return
        self._desk.presence.left(client)
        if reason in (reasons.NAMESPACE_LEFT, reasons.SERVER_DISCONNECT):
            self._desk.forgets.append(client.key)
        else:
            self._desk.releases.append(client)

    # in between

    @acknowledged(Authenticate)
    async def on_authenticate(self, sid: str, payload: Authenticate) -> Authenticated:
        """续期：用新令牌替换即将过期的令牌 · go on with a fresh token of the same account"""
        client = self._desk.clients.find(sid)
        claims = self._desk.door.verify(payload.token)
        if client is None or claims.subject != client.claims.subject:
            code, text = INVALID_TOKEN
            raise Refused(code, f"{text.zh} · {text.en}")
        authority = await self._desk.door.authority_of(claims)
        authority.require(self.permission)
        client.claims = claims
        if authority != client.authority:
            client.authority, client.recorded = authority, False
        return Authenticated(expires_at=claims.expires_at)

    async def recheck(self, client: Client) -> None:
        """Something about the account has changed. Raises Unavailable."""
        try:
            authority = await self._desk.door.authority_of(client.claims)
            authority.require(self.permission)
        except Unavailable:
            raise
        except DomainError as error:
            # Not a goodbye for good: whoever comes back is told why not, or enters with what is allowed now.
            self._desk.recovery.let_go(client, error.code.lower())
            return
        rooms = self.rooms_of(authority)
        if not rooms <= client.rooms:
            self._desk.recovery.let_go(client, "access_changed")
            return
        for room in client.rooms - rooms:
            self._desk.rooms.leave(client.sid, self.namespace, room)
        if authority != client.authority or rooms != client.rooms:
            client.authority, client.rooms, client.recorded = authority, rooms, False
