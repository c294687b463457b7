"""State of the simulator: mini-programs, one-time codes, session keys, access tokens, faults, calls and the clock."""

import base64
import hashlib
import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from integrations.local.simulators.faults import FaultQueues
from integrations.local.simulators.wechat.access_tokens import AccessTokenIssuer
from integrations.local.simulators.wechat.errors import Refusal, missing_parameter

CODE_LIFETIME_SECONDS = 300
MAX_CODES = 20_000


@dataclass(frozen=True)
class MiniProgram:
    app_id: str
    secret: str
    open_platform: str = ""
    """The open-platform account (开放平台) that it is bound to. Programs of one account share unionids."""


SIM_PROGRAM = MiniProgram("wxsim0000000000001", "sim-secret-of-no-value", "sim-platform")
"""The mini-program that development and demonstrations use."""


@dataclass
class Code:
    """A one-time code that was issued to a person."""

    app_id: str
    person: str
    expires_at: float
    used: bool = False
    phone: str = ""
    country_code: str | int = "86"


@dataclass
class Fault:
    """A fault that the next call of a path meets instead of, or in addition to, its normal response."""

    errcode: int | None = None
    status: int = 200
    body: str | None = None
    delay_seconds: float = 0
    """The call is carried out; only its response is late."""


@dataclass
class SimulatorState:
    programs: dict[str, MiniProgram]
    clock: Callable[[], float]
    clock_offset_seconds: float = 0
    login_codes: "OrderedDict[str, Code]" = field(default_factory=OrderedDict)
    phone_codes: "OrderedDict[str, Code]" = field(default_factory=OrderedDict)
    session_keys: dict[tuple[str, str], str] = field(default_factory=dict)
    risky: set[str] = field(default_factory=set)
    token_issuers: dict[str, AccessTokenIssuer] = field(default_factory=dict)
    faults: FaultQueues[Fault] = field(default_factory=FaultQueues)
    calls: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, programs: Sequence[MiniProgram], clock: Callable[[], float]) -> "SimulatorState":
        known = {program.app_id: program for program in programs}
        return cls(known, clock, token_issuers={app_id: AccessTokenIssuer() for app_id in known})

    def now(self) -> float:
        return self.clock() + self.clock_offset_seconds

    def program(self, app_id: str, secret: str) -> MiniProgram:
        """The mini-program with this id and this secret. Raises Refusal."""
        if not app_id:
            raise missing_parameter(41002, "appid")
        if not secret:
            raise missing_parameter(41004, "appsecret")
        program = self.programs.get(app_id)
        if program is None:
            raise Refusal(40013, "invalid appid")
        if not hmac.compare_digest(program.secret.encode(), secret.encode()):
            raise Refusal(40125, "invalid appsecret")
        return program

    def open_id(self, app_id: str, person: str) -> str:
        """The same for the same person after a restart."""
        return "o" + _digest(f"{app_id}/{person}", 27)

    def union_id(self, app_id: str, person: str) -> str:
        platform = self.programs[app_id].open_platform
        return "u" + _digest(f"{platform}/{person}", 27) if platform else ""

    def mint(self, codes: "OrderedDict[str, Code]", code: Code) -> str:
        name = secrets.token_urlsafe(24)
        codes[name] = code
        while len(codes) > MAX_CODES:
            codes.popitem(last=False)
        return name

    def redeem(self, codes: "OrderedDict[str, Code]", name: str, app_id: str) -> Code:
        """Look up a code that may be used now. The caller sets `used` after all other checks."""
        if not name:
            raise missing_parameter(41008, "code")
        code = codes.get(name)
        if code is None or code.app_id != app_id or code.expires_at <= self.now():
            raise Refusal(40029, "invalid code")
        if code.used:
            raise Refusal(40163, "code been used")
        return code


def _digest(seed: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode()[:length]
