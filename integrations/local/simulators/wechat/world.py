"""What the simulator remembers: mini-programs, people, the codes in their hands, and the time."""

import base64
import hashlib
import hmac
import secrets
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from integrations.local.simulators.wechat.credentials import TokenDesk
from integrations.local.simulators.wechat.refusals import Refusal, missing

CODE_LIFETIME = 300
MOST_CODES = 20_000


@dataclass(frozen=True)
class MiniProgram:
    app_id: str
    secret: str
    open_platform: str = ""
    """The open-platform account (开放平台) that it is bound to; programs bound to one share unionids."""


SIMULATED = MiniProgram("wxsim0000000000001", "sim-secret-of-no-value", "sim-platform")
"""The mini-program that development and demonstrations use."""


@dataclass
class Code:
    """A one-time code in somebody's hands."""

    app_id: str
    person: str
    expires_at: float
    used: bool = False
    phone: str = ""
    country_code: str | int = "86"


@dataclass
class Fault:
    """What the next call of a path meets instead of, or on top of, its normal answer."""

    errcode: int | None = None
    status: int = 200
    body: str | None = None
    delay_seconds: float = 0
    """The call is carried out; only its answer comes late."""


@dataclass
class World:
    programs: dict[str, MiniProgram]
    clock: Callable[[], float]
    ahead_seconds: float = 0
    login_codes: "OrderedDict[str, Code]" = field(default_factory=OrderedDict)
    phone_codes: "OrderedDict[str, Code]" = field(default_factory=OrderedDict)
    session_keys: dict[tuple[str, str], str] = field(default_factory=dict)
    risky: set[str] = field(default_factory=set)
    desks: dict[str, TokenDesk] = field(default_factory=dict)
    faults: dict[str, "deque[Fault]"] = field(default_factory=dict)
    calls: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, programs: Sequence[MiniProgram], clock: Callable[[], float]) -> "World":
        known = {program.app_id: program for program in programs}
        return cls(known, clock, desks={app_id: TokenDesk() for app_id in known})

    def now(self) -> float:
        return self.clock() + self.ahead_seconds

    def program(self, app_id: str, secret: str) -> MiniProgram:
        """The program that proves itself by its secret."""
        if not app_id:
            raise missing(41002, "appid")
        if not secret:
            raise missing(41004, "appsecret")
        program = self.programs.get(app_id)
        if program is None:
            raise Refusal(40013, "invalid appid")
        if not hmac.compare_digest(program.secret.encode(), secret.encode()):
            raise Refusal(40125, "invalid appsecret")
        return program

    def open_id(self, app_id: str, person: str) -> str:
        """The same person has the same openid after a restart too."""
        return "o" + _text_of(f"{app_id}/{person}", 27)

    def union_id(self, app_id: str, person: str) -> str:
        platform = self.programs[app_id].open_platform
        return "u" + _text_of(f"{platform}/{person}", 27) if platform else ""

    def mint(self, codes: "OrderedDict[str, Code]", code: Code) -> str:
        name = secrets.token_urlsafe(24)
        codes[name] = code
        while len(codes) > MOST_CODES:
            codes.popitem(last=False)
        return name

    def redeem(self, codes: "OrderedDict[str, Code]", name: str, app_id: str) -> Code:
        """Look a code up for its one use; the caller marks it used once nothing else is wrong."""
        if not name:
            raise missing(41008, "code")
        code = codes.get(name)
        if code is None or code.app_id != app_id or code.expires_at <= self.now():
            raise Refusal(40029, "invalid code")
        if code.used:
            raise Refusal(40163, "code been used")
        return code

    def next_fault(self, path: str) -> Fault | None:
        waiting = self.faults.get(path)
        return waiting.popleft() if waiting else None


def _text_of(seed: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode()[:length]
