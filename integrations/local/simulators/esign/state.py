"""State of the simulator: people, contracts and their signers, settings, faults, calls and the clock."""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

from integrations.local.simulators.faults import FaultQueues

LINK_SECONDS: Final = 1800
WAITING, SIGNING, COMPLETE, EXPIRED, REJECTED, VOIDED, WITHDRAWN, ABNORMAL = 0, 1, 2, 3, 4, 6, 7, -2
FAILED: Final = -3
"""Occurs in a callback only; a query of the contract returns ABNORMAL."""
SIGNER_SIGNING, SIGNER_SIGNED, SIGNER_WAITING, SIGNER_REJECTED = 1, 2, 3, 4
SIGN_AUTOMATICALLY, SIGN_MANUALLY = 2, 3


class Refusal(Exception):
    """A code with its text. The HTTP status of the response is still 200."""

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
    status: int = SIGNER_WAITING
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
    """All parties are asked to sign the agreement that voids the contract."""
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
    """A fault that the next call of a path meets instead of, or in addition to, its normal response."""

    code: int | None = None
    status: int = 200
    delay_seconds: float = 0
    lose_answer: bool = False
    """The call is carried out, then the connection breaks."""


class SimulatorSettings(BaseModel):
    """Faults of callbacks, and other behaviour that a test or a demonstration changes."""

    drop: float = 0
    """Probability that a callback is never sent."""
    duplicates: int = 0
    delay_seconds: float = 0
    """Upper bound of a random delay of each callback, so that callbacks overtake one another."""
    corrupt_signature: bool = False
    json_body: bool = False
    double_encoded: bool = False
    sha256: bool = False
    leave_out: tuple[str, ...] = ()
    """Fields that the signature does not cover."""
    retry_seconds: tuple[float, ...] = (0.2, 1, 5, 30)
    auto_sign_seconds: float = 0.05
    signing_from_the_start: bool = False
    """The contract has the status 签约中 as soon as it has signers."""
    callback_before_answer: bool = False
    """The first callback of createContract is sent before its response."""
    document_bytes: int = 0
    """The signed PDF is padded to this size."""


class SimulatorRecords(BaseModel):
    people: dict[str, Person] = Field(default_factory=dict)
    contracts: dict[str, SimContract] = Field(default_factory=dict)


@dataclass
class SimulatorState:
    clock: Callable[[], float]
    state_file: Path | None = None
    records: SimulatorRecords = field(default_factory=SimulatorRecords)
    clock_offset_seconds: float = 0
    settings: SimulatorSettings = field(default_factory=SimulatorSettings)
    faults: FaultQueues[Fault] = field(default_factory=FaultQueues)
    calls: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, clock: Callable[[], float], state_file: Path | None = None) -> "SimulatorState":
        state = cls(clock, state_file)
        if state_file is not None and state_file.exists():
            state.records = SimulatorRecords.model_validate_json(state_file.read_bytes())
        return state

    def now(self) -> float:
        return self.clock() + self.clock_offset_seconds

    def save(self) -> None:
        """Write the records to the state file, so that they survive a restart of the simulator."""
        if self.state_file is not None:
            temporary = self.state_file.with_suffix(".new")
            temporary.write_text(self.records.model_dump_json())
            temporary.replace(self.state_file)

    def contract(self, contract_no: str) -> SimContract:
        if not contract_no:
            raise Refusal(100056, "合同编号为空")
        contract = self.records.contracts.get(contract_no)
        if contract is None:
            raise Refusal(100066, "合同不存在")
        if contract.deleted:
            raise Refusal(100613, "合同已删除")
        return contract

    def link_token(self, contract: SimContract, signer: SimSigner) -> str:
        """The token of the signing link; a new one every half hour. Empty when the signer has nothing to sign now."""
        if not may_act(contract, signer):
            return ""
        if not signer.token or signer.token_expires_at <= self.now():
            signer.token = secrets.token_urlsafe(12)
            signer.token_expires_at = self.now() + LINK_SECONDS
        return signer.token

    def find_token(self, token: str) -> tuple[SimContract, SimSigner] | None:
        for contract in self.records.contracts.values():
            for signer in contract.signers:
                if signer.token and secrets.compare_digest(signer.token.encode(), token.encode()):
                    return contract, signer
        return None


def may_act(contract: SimContract, signer: SimSigner) -> bool:
    if contract.voiding:
        return not signer.void_signed
    return contract.is_open and signer.status == SIGNER_SIGNING
