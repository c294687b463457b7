"""The unit of work: a change is repeated on the current contract after a conflict."""

from domain.contracts.board.board import ContractBoard
from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.statuses import ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from tests.domain.contracts.builders import acting, signing, staff
from tests.domain.contracts.harness import (
    contracts_harness,
)

S = ContractStatus
STAFF = staff()
ACTOR = acting(STAFF)


async def test_a_change_of_an_outdated_loaded_contract_is_repeated_on_the_current_one() -> None:
    harness = contracts_harness()
    contracts = ContractUnitOfWork(
        harness.contracts, ContractChangeEvents(harness.clock, harness.ids), ContractBoard(), harness.clock
    )
    old = await harness.add(signing())
    await harness.contracts.save(old.with_fields(esign_status="1"), [])

    saved = await contracts.change(
        old.id, lambda contract_now, at: contract_now.with_fields(esign_polls=7), ACTOR, loaded=old
    )

    assert (saved.esign_status, saved.esign_polls) == ("1", 7)
