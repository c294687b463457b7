"""Requesting the insurance synchronisation, and recording its result."""

from typing import Any

import pytest

from domain.contracts.errors import (
    TransitionNotAllowed,
)
from domain.contracts.statuses import (
    ContractStatus,
    SyncStatus,
)
from domain.shared.actor import SYSTEM
from domain.shared.scope import EVERYTHING
from tests.domain.contracts.builders import a_contract, active, signing
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, in_force, side_effect_kinds

S = ContractStatus


async def test_insurance_is_requested_again_only_after_a_failure(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    insurance = harness.services.insurance

    pending = await insurance.request(contract.id, EVERYTHING, ACTOR)
    failed = await insurance.record_result(contract.id, "没有保单", SYSTEM)
    asked = await insurance.request(contract.id, EVERYTHING, ACTOR)
    await insurance.request(contract.id, EVERYTHING, ACTOR)
    worked = await insurance.record_result(contract.id, "", SYSTEM)
    again = await insurance.request(contract.id, EVERYTHING, ACTOR)

    assert pending == contract  # pending since the contract came into force
    assert (failed.insurance_sync_status, failed.insurance_sync_error) == (SyncStatus.FAILED, "没有保单")
    assert (asked.insurance_sync_pending, asked.insurance_sync_error) == (True, "")
    assert (worked.insurance_sync_status, worked.insurance_sync_pending) == (SyncStatus.SUCCESS, False)
    assert again == worked
    assert [kind for kind, _ in side_effect_kinds(harness, contract)].count("insurance_sync") == 2


@pytest.mark.parametrize("make", [a_contract, signing, lambda: active(training=True)])
async def test_only_a_housekeeping_contract_in_force_is_insured(harness: ContractsHarness, make: Any) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await harness.services.insurance.request(contract.id, EVERYTHING, ACTOR)
