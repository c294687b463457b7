"""Faults: misbehaving callbacks, provider errors, and forged callbacks."""

import asyncio
import random
from typing import Any, Final

from integrations.local.simulators.esign.state import Fault, SimulatorSettings
from tests.journeys.support.chaos.environment import ESIGN_TIMEOUT_SECONDS, ChaosEnvironment

FAULTS: Final = [
    Fault(status=503),
    Fault(code=-1),
    Fault(lose_answer=True),
    Fault(delay_seconds=0.2),
    Fault(delay_seconds=ESIGN_TIMEOUT_SECONDS * 1.3),
]
PATHS: Final = [
    *("/contract/createContract", "/contract/addSigner", "/contract/getContract", "/contract/getContract"),
    *("/contract/withdraw", "/contract/cancellation", "/v2/user/addStranger", "/template/data"),
]
FINAL_CODE: Final = 100004


def inject_faults(environment: ChaosEnvironment, rng: random.Random) -> None:
    state = environment.provider.state
    state.settings = SimulatorSettings(
        drop=rng.choice([0, 0, 0.3, 0.7, 1.0]),
        duplicates=rng.choice([0, 0, 1, 3]),
        delay_seconds=rng.choice([0, 0, 0.3, 1.0]),
        corrupt_signature=rng.random() < 0.1,
        json_body=rng.random() < 0.2,
        double_encoded=rng.random() < 0.2,
        sha256=rng.random() < 0.2,
        retry_seconds=(0.2, 0.5, 1.0),
        auto_sign_seconds=rng.choice([0, 0.05, 0.3]),
        signing_from_the_start=rng.random() < 0.3,
        callback_before_answer=rng.random() < 0.3,
    )
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        path = rng.choice(PATHS)
        state.faults.add(path, rng.choice(FAULTS))
    if rng.random() < 0.1:  # a permanent refusal
        state.faults.add("/contract/addSigner", Fault(code=FINAL_CODE))


def clear_faults(environment: ChaosEnvironment) -> None:
    environment.provider.state.settings = SimulatorSettings(retry_seconds=(0.2,), auto_sign_seconds=0)
    environment.provider.state.faults.clear()


async def forge_callbacks(environment: ChaosEnvironment, rng: random.Random) -> None:
    """Post forged callbacks, and genuine ones with a wrong status, until cancelled."""
    while True:
        await asyncio.sleep(rng.uniform(0.05, 0.4))
        known = list(environment.provider.state.records.contracts.values())
        message = _a_message(rng.choice(known).contract_no if known else "CON1-1", rng)
        forged = rng.random() < 0.6
        answer = await environment.report(message, forged=forged, process=rng.randrange(2))
        if answer is not None and (answer == (200, "ok")) is forged:
            environment.unexpected.append(f"{'forged' if forged else 'genuine'} callback answered {answer}")


def _a_message(contract_no: str, rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.1:
        contract_no = f"CON{rng.randrange(10**14):014d}-1"  # an unknown contract
    status = rng.choice(["0", "1", "2", "2", "3", "4", "6", "7"])
    at = rng.randrange(60)
    return {
        "action": "signCompleted",
        "contractNo": contract_no,
        "status": status,
        "signTime": f"2026-05-01 10:00:{at:02d}",
        "timestamp": str(rng.randrange(10**13)),
        **({"account": f"p{rng.randrange(100)}"} if rng.random() < 0.5 else {}),
    }
