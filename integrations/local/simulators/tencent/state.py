"""State of the simulator: the account, stored objects and parts, faults, calls and the clock."""

import hashlib
import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from integrations.local.simulators.faults import FaultQueues


@dataclass(frozen=True)
class Account:
    secret_id: str
    secret_key: str
    bucket: str


SIM_ACCOUNT = Account("sim-tencent-id", "sim-tencent-secret", "sim-1250000000")


@dataclass(frozen=True)
class SimObject:
    content: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, content: bytes, content_type: str) -> "SimObject":
        return cls(content, content_type, f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')


@dataclass(frozen=True)
class Fault:
    """A fault that the next call meets."""

    code: str = ""
    status: int = 503
    delay_seconds: float = 0
    lose_answer: bool = False
    """The call takes effect, but its connection breaks before the answer."""


@dataclass
class SimulatorState:
    account: Account
    clock: Callable[[], float]
    clock_offset_seconds: float = 0
    objects: dict[str, SimObject] = field(default_factory=dict)
    uploads: dict[str, tuple[str, dict[int, SimObject]]] = field(default_factory=dict)
    """By id: the key, and the parts."""
    faults: FaultQueues[Fault] = field(default_factory=FaultQueues)
    calls: Counter[str] = field(default_factory=Counter)
    cards: dict[str, dict[str, str]] = field(default_factory=dict)
    """By SHA-256 of a picture: what is written on it."""
    recent_recognitions: deque[float] = field(default_factory=deque)

    def now(self) -> float:
        return self.clock() + self.clock_offset_seconds

    def next_fault(self, operation: str) -> Fault | None:
        self.calls[operation] += 1
        return self.faults.take(operation)

    def begin_upload(self, key: str) -> str:
        upload_id = f"{int(self.now())}{secrets.token_hex(16)}"
        self.uploads[upload_id] = (key, {})
        return upload_id
