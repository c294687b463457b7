"""The actor of a change: identity, network address and declared action."""

from typing import Literal

from domain.shared.model import Model

ActorKind = Literal["staff", "user", "machine", "system"]


class ActorRef(Model):
    """The actor as stored histories and pushed events show it."""

    kind: ActorKind
    id: str
    name: str = ""

    def to_actor(self) -> "Actor":
        """An actor for work that the system does on behalf of this one, such as a follow-up of their change."""
        return SYSTEM.model_copy(update={"kind": self.kind, "id": self.id, "name": self.name})


class Actor(Model):
    """Accompanies every change. `action` is the audit action that the route or socket event declares."""

    kind: ActorKind
    id: str
    name: str = ""
    action: str = ""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""

    def ref(self) -> ActorRef:
        return ActorRef(kind=self.kind, id=self.id, name=self.name)


SYSTEM = Actor(kind="system", id="system", name="system", action="system")
