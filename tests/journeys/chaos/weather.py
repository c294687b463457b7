"""What goes wrong around everybody: callbacks that misbehave, a provider that errs, forgers."""

import asyncio
import random
from collections import deque
from typing import Any, Final

from integrations.local.simulators.esign.state import Fault, SimulatorSettings
from tests.journeys.chaos.stage import ESIGN_TIMEOUT_SECONDS, Stage

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


def change_weather(stage: Stage, chance: random.Random) -> None:
    state = stage.provider.state
    state.settings = SimulatorSettings(
        drop=chance.choice([0, 0, 0.3, 0.7, 1.0]),
        duplicates=chance.choice([0, 0, 1, 3]),
        delay_seconds=chance.choice([0, 0, 0.3, 1.0]),
        corrupt_signature=chance.random() < 0.1,
        json_body=chance.random() < 0.2,
        double_encoded=chance.random() < 0.2,
        sha256=chance.random() < 0.2,
        retry_seconds=(0.2, 0.5, 1.0),
        auto_sign_seconds=chance.choice([0, 0.05, 0.3]),
        signing_from_the_start=chance.random() < 0.3,
        callback_before_answer=chance.random() < 0.3,
    )
    for _ in range(chance.choice([0, 0, 1, 2, 3])):
        path = chance.choice(PATHS)
        state.faults.setdefault(path, deque()).append(chance.choice(FAULTS))
    if chance.random() < 0.1:  # refused for good
        state.faults.setdefault("/contract/addSigner", deque()).append(Fault(code=FINAL_CODE))


def calm(stage: Stage) -> None:
    stage.provider.state.settings = SimulatorSettings(retry_seconds=(0.2,), auto_sign_seconds=0)
    stage.provider.state.faults.clear()


async def forge(stage: Stage, chance: random.Random) -> None:
    """Until cancelled: messages that the provider never sent, and true ones that say what is not so."""
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        known = list(stage.provider.state.records.contracts.values())
        message = _a_message(chance.choice(known).contract_no if known else "CON1-1", chance)
        forged = chance.random() < 0.6
        answer = await stage.report(message, forged=forged, worker=chance.randrange(2))
        if answer is not None and (answer == (200, "ok")) is forged:
            stage.unexpected.append(f"{'forged' if forged else 'genuine'} callback answered {answer}")


def _a_message(contract_no: str, chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.1:
        contract_no = f"CON{chance.randrange(10**14):014d}-1"  # nobody's
    status = chance.choice(["0", "1", "2", "2", "3", "4", "6", "7"])
    at = chance.randrange(60)
    return {
        "action": "signCompleted",
        "contractNo": contract_no,
        "status": status,
        "signTime": f"2026-05-01 10:00:{at:02d}",
        "timestamp": str(chance.randrange(10**13)),
        **({"account": f"p{chance.randrange(100)}"} if chance.random() < 0.5 else {}),
    }
