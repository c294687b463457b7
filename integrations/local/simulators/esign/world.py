"""What the simulated provider remembers: people, contracts, who has signed what, and the time."""

import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

LINK_SECONDS: Final = 1800
WAITING, SIGNING, COMPLETE, EXPIRED, REJECTED, VOIDED, WITHDRAWN, ABNORMAL = 0, 1, 2, 3, 4, 6, 7, -2
FAILED: Final = -3
"""Said in a callback only; asked afterwards, the provider calls the contract abnormal."""
S_SIGNING, S_SIGNED, S_WAITING, S_REJECTED = 1, 2, 3, 4
BY_ITSELF, IN_PERSON = 2, 3


class Refusal(Exception):
    """A code with its text. The answer's HTTP status is still 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Person(BaseModel):
    account: str
    name: str = ""
    mobile: str = ""
    id_card: str = ""
    user_type: int = 2
    verified: bool = False
    seal_no: str = ""


class SimSigner(BaseModel):
    account: str
    name: str
    mobile: str
    user_type: int
    sign_order: int
    sign_type: int
    sign_mark: str
    seal_no: str = ""
    status: int = S_WAITING
    finished_at: float | None = None
    void_signed: bool = False
    token: str = ""
    token_expires_at: float = 0


class SimContract(BaseModel):
    contract_no: str
    name: str
    created_at: float
    expires_at: float
    in_sequence: bool
    templates: list[dict[str, Any]]
    notify_url: str = ""
    user_notify_url: str = ""
    callback_url: str = ""
    redirect_url: str = ""
    may_refuse: bool = False
    status: int = WAITING
    remark: str = ""
    finished_at: float | None = None
    voiding: bool = False
    """All parties are asked to sign that it is void."""
    void_expires_at: float = 0
    deleted: bool = False
    signers: list[SimSigner] = Field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in (WAITING, SIGNING)

    def signer(self, account: str) -> SimSigner:
        for signer in self.signers:
            if signer.account == account:
                return signer
        raise Refusal(100084, "签署方不存在")


class Fault(BaseModel):
    """What the next calls of a path meet instead of, or on top of, their normal answer."""

    code: int | None = None
    status: int = 200
    delay_seconds: float = 0
    lose_answer: bool = False
    """The call is carried out; then the connection breaks."""


class Knobs(BaseModel):
    """How callbacks misbehave, and what else a test or a demonstration wants to be different."""

    drop: float = 0
    """The share of callbacks that are never sent."""
    duplicates: int = 0
    delay_seconds: float = 0
    """At most; each waits for a random part of it, so that they overtake one another."""
    corrupt_signature: bool = False
    json_body: bool = False
    double_encoded: bool = False
    sha256: bool = False
    leave_out: tuple[str, ...] = ()
    """Fields that the signature does not cover."""
    retry_seconds: tuple[float, ...] = (0.2, 1, 5, 30)
    auto_sign_seconds: float = 0.05
    signing_from_the_start: bool = False
    """The contract says 签约中 as soon as it has signers."""
    callback_before_answer: bool = False
    """createContract's first callback comes before its answer."""
    document_bytes: int = 0
    """Pads the signed PDF to this size."""


class Remembered(BaseModel):
    people: dict[str, Person] = Field(default_factory=dict)
    contracts: dict[str, SimContract] = Field(default_factory=dict)


@dataclass
class World:
    clock: Callable[[], float]
    kept_in: Path | None = None
    memory: Remembered = field(default_factory=Remembered)
    ahead_seconds: float = 0
    knobs: Knobs = field(default_factory=Knobs)
    faults: dict[str, "deque[Fault]"] = field(default_factory=dict)
    calls: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, clock: Callable[[], float], kept_in: Path | None = None) -> "World":
        world = cls(clock, kept_in)
        if kept_in is not None and kept_in.exists():
            world.memory = Remembered.model_validate_json(kept_in.read_bytes())
        return world

    def now(self) -> float:
        return self.clock() + self.ahead_seconds

    def remember(self) -> None:
        """A restart of the simulator is no restart of the provider."""
        if self.kept_in is not None:
            fresh = self.kept_in.with_suffix(".new")
            fresh.write_text(self.memory.model_dump_json())
            fresh.replace(self.kept_in)

    def contract(self, contract_no: str) -> SimContract:
        if not contract_no:
            raise Refusal(100056, "合同编号为空")
        contract = self.memory.contracts.get(contract_no)
        if contract is None:
            raise Refusal(100066, "合同不存在")
        if contract.deleted:
            raise Refusal(100613, "合同已删除")
        return contract

    def link_token(self, contract: SimContract, signer: SimSigner) -> str:
        """Empty when this person has nothing to sign now. Links live for half an hour; then there is a new one."""
        if not may_act(contract, signer):
            return ""
        if not signer.token or signer.token_expires_at <= self.now():
            signer.token = secrets.token_urlsafe(12)
            signer.token_expires_at = self.now() + LINK_SECONDS
        return signer.token

    def find_token(self, token: str) -> tuple[SimContract, SimSigner] | None:
        for contract in self.memory.contracts.values():
            for signer in contract.signers:
                if signer.token and secrets.compare_digest(signer.token.encode(), token.encode()):
                    return contract, signer
        return None

    def next_fault(self, path: str) -> Fault | None:
        waiting = self.faults.get(path)
        return waiting.popleft() if waiting else None


def may_act(contract: SimContract, signer: SimSigner) -> bool:
    if contract.voiding:
        return not signer.void_signed
    return contract.is_open and signer.status == S_SIGNING
