"""What the simulator remembers: rooms and who is in them, what each user was told, calls, faults, and the time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from integrations.zego.configuration import SIMULATED_SECRET


@dataclass(frozen=True)
class Project:
    app_id: int
    server_secret: str
    callback_secret: str


SIMULATED = Project(1234567890, SIMULATED_SECRET, "callback-secret-of-no-value")
"""The project that development and demonstrations use."""


class Content(BaseModel):
    """What the control API reads: camelCase, nothing unknown."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")


class Fault(Content):
    """What the next call of an action meets instead of, or on top of, its normal answer."""

    code: int | None = None
    status: int = 200
    delay_seconds: float = Field(0, ge=0)
    """The call is carried out; only its answer comes late."""
    lose_answer: bool = False
    """Carried out, and the connection breaks."""


class Knobs(Content):
    callback_url: str = ""
    rate_limits: bool = True
    strict: bool = True
    """Whether the privileges in a token's payload count (ZEGO switches this on for a project on request)."""
    heartbeat_seconds: float = Field(100, gt=0)
    time_scale: float = Field(1, gt=0)
    """Multiplies the pauses between repetitions of a callback."""
    drop: int = Field(0, ge=0)
    """So many of the next callbacks get lost."""
    duplicates: int = Field(0, ge=0)
    swap: bool = False
    """Every callback waits for the next one to go first."""
    wrong_signature: bool = False
    form: bool = False
    url_encoded: bool = False


@dataclass
class SimUser:
    user_id: str
    name: str
    session_id: str
    """Of this log-in."""
    entered_at: float
    heard_at: float
    may_publish: bool
    dropped: bool = False
    """Its network is gone; it will be noticed by its silence."""


@dataclass
class SimRoom:
    room_id: str
    session_id: str
    """Of this incarnation; grows from one to the next."""
    created_at: float
    creator: str
    users: dict[str, SimUser] = field(default_factory=dict)


@dataclass
class Notice:
    """What the SDK in a client would report."""

    code: int
    reason: str
    room_id: str
    at: float


@dataclass
class Recorded:
    """A call of the server API, as `/sim/calls` shows it."""

    action: str
    code: int
    at: float
    parameters: dict[str, Any]


@dataclass
class World:
    project: Project
    clock: Callable[[], float]
    ahead_seconds: float = 0
    knobs: Knobs = field(default_factory=Knobs)
    rooms: dict[str, SimRoom] = field(default_factory=dict)
    notices: dict[str, list[Notice]] = field(default_factory=dict)
    calls: "deque[Recorded]" = field(default_factory=lambda: deque(maxlen=10_000))
    faults: dict[str, "deque[Fault]"] = field(default_factory=dict)
    nonces: dict[str, float] = field(default_factory=dict)
    _last_session: int = 0

    def now(self) -> float:
        return self.clock() + self.ahead_seconds

    def next_session(self) -> str:
        """Grows with time, also from one life of the simulator to the next."""
        self._last_session = max(self._last_session + 1, int(self.now() * 1_000_000))
        return str(self._last_session)

    def next_fault(self, action: str) -> Fault:
        waiting = self.faults.get(action) or self.faults.get("*")
        return waiting.popleft() if waiting else Fault()
