"""The actor of a change: identity, network address and declared action."""

from typing import Literal

from domain.shared.model import Model

ActorKind = Literal["staff", "user", "machine", "system"]


class Actor(Model):
    """Accompanies every change. `action` is the audit action that the route or socket event declares."""

    kind: ActorKind
    id: str
    name: str = ""
    action: str = ""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""


SYSTEM = Actor(kind="system", id="system", name="system", action="system")
