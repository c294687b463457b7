"""Lists the live connections, and ends one (强制下线)."""

from collections.abc import Sequence

from domain.audit.model import audit_of
from domain.presence.events import DisconnectRequested
from domain.presence.model import Connection
from domain.presence.ports import PresenceStore
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority, outranks, role_of
from domain.shared.errors import NotFound, PermissionDenied
from domain.shared.ports import Clock, DurableFollower, EventPublisher, IdGenerator
from domain.shared.text import Text


class ConnectionNotFound(NotFound):
    code = "CONNECTION_NOT_FOUND"
    text = Text("该连接已不在线", "This connection is no longer there")


class RankTooHigh(PermissionDenied):
    code = "RANK_TOO_HIGH"
    text = Text("不能强制职级更高的人员下线", "You cannot disconnect somebody who ranks above you")


class Connections:
    def __init__(
        self, store: PresenceStore, publisher: EventPublisher, audit: DurableFollower, clock: Clock, ids: IdGenerator
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def list(self) -> Sequence[Connection]:
        """Newest first."""
        found = await self._store.all()
        return sorted(found, key=lambda connection: (connection.connected_at, connection.id), reverse=True)

    async def disconnect(self, connection_id: str, reason: str, by: StaffAuthority, actor: Actor) -> None:
        """Ask the app process that holds the connection to end it. Raises ConnectionNotFound, RankTooHigh."""
        connection = await self._store.find(connection_id)
        if connection is None:
            raise ConnectionNotFound
        if outranks(role_of(connection.role), role_of(by.role)):
            raise RankTooHigh
        now = self._clock.now()
        target = ("connection", connection.id)
        details = {"staffId": connection.staff_id, "name": connection.name, "device": connection.device}
        # Audited first: a recorded disconnect that failed is better than an unrecorded one that succeeded.
        await self._audit.follow([audit_of(self._ids.next_id(), now, actor, target, details, {}, reason)])
        await self._publisher.publish(
            [
                DisconnectRequested(
                    id=self._ids.next_id(), at=now, connection_id=connection.id, reason=reason, by=by.name
                )
            ]
        )
