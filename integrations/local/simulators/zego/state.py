"""State of the simulator: rooms and their users, notices to users, calls, faults and the clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from integrations.local.simulators.faults import FaultQueues
from integrations.zego.configuration import SIMULATED_SECRET


@dataclass(frozen=True)
class Project:
    app_id: int
    server_secret: str
    callback_secret: str


SIM_PROJECT = Project(1234567890, SIMULATED_SECRET, "callback-secret-of-no-value")
"""The project of development and demonstrations."""


class ControlModel(BaseModel):
    """A body of the control API: camelCase names, unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")


class Fault(ControlModel):
    """A fault that the next call of an action meets instead of, or in addition to, its normal response."""

    code: int | None = None
    status: int = 200
    delay_seconds: float = Field(0, ge=0)
    """The call is carried out; only its response is late."""
    lose_answer: bool = False
    """The call is carried out, then the connection breaks."""


class SimulatorSettings(ControlModel):
    callback_url: str = ""
    rate_limits: bool = True
    strict: bool = True
    """Enforce the privileges in a token's payload (ZEGO switches this on for a project on request)."""
    heartbeat_seconds: float = Field(100, gt=0)
    time_scale: float = Field(1, gt=0)
    """Multiplies the delays between retries of a callback."""
    drop: int = Field(0, ge=0)
    """Number of callbacks to lose from now on."""
    duplicates: int = Field(0, ge=0)
    swap: bool = False
    """Every callback is sent after the next one."""
    wrong_signature: bool = False
    form: bool = False
    url_encoded: bool = False


@dataclass
class SimUser:
    user_id: str
    name: str
    session_id: str
    """Identifies this log-in."""
    logged_in_at: float
    last_heartbeat_at: float
    may_publish: bool
    disconnected: bool = False
    """The client has lost its network. The cloud notices it by the missing heartbeats."""


@dataclass
class SimRoom:
    room_id: str
    session_id: str
    """Identifies the room from its creation to its end. Grows from one session to the next."""
    created_at: float
    creator: str
    users: dict[str, SimUser] = field(default_factory=dict)


@dataclass
class Notice:
    """An event that the SDK in a client would report."""

    code: int
    reason: str
    room_id: str
    at: float


@dataclass
class RecordedCall:
    """A call of the server API, as `/sim/calls` lists it."""

    action: str
    code: int
    at: float
    parameters: dict[str, Any]


@dataclass
class SimulatorState:
    project: Project
    clock: Callable[[], float]
    clock_offset_seconds: float = 0
    settings: SimulatorSettings = field(default_factory=SimulatorSettings)
    rooms: dict[str, SimRoom] = field(default_factory=dict)
    notices: dict[str, list[Notice]] = field(default_factory=dict)
    calls: "deque[RecordedCall]" = field(default_factory=lambda: deque(maxlen=10_000))
    faults: FaultQueues[Fault] = field(default_factory=FaultQueues)
    nonces: dict[str, float] = field(default_factory=dict)
    _last_session: int = 0

    def now(self) -> float:
        return self.clock() + self.clock_offset_seconds

    def next_session(self) -> str:
        """Grows with time, also over a restart of the simulator."""
        self._last_session = max(self._last_session + 1, int(self.now() * 1_000_000))
        return str(self._last_session)

    def next_fault(self, action: str) -> Fault:
        return self.faults.take(action) or self.faults.take("*") or Fault()
