"""Unit of work of contracts: load, change with a pure function, save with events, retry on conflict."""

from collections.abc import Callable
from datetime import datetime

from domain.contracts.board.board import ContractBoard
from domain.contracts.board.card import card_of
from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.errors import ContractNotFound, ContractOutOfScope, ContractVersionConflict
from domain.contracts.events import ContractEvent
from domain.contracts.model import Contract
from domain.contracts.ports import ContractRepository
from domain.shared.actor import Actor
from domain.shared.ports import Clock
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.shared.scope import EVERYTHING, Scope

ContractChange = Callable[[Contract, datetime], Contract]
"""A pure change. Called again with a newer contract after a conflict. Returning the same object means no change."""


class ContractUnitOfWork:
    def __init__(
        self, repository: ContractRepository, change_events: ContractChangeEvents, board: ContractBoard, clock: Clock
    ) -> None:
        self._repository = repository
        self._change_events = change_events
        self._board = board
        self._clock = clock
        self._locks = KeyedLocks()

    async def find(self, contract_id: str, scope: Scope = EVERYTHING) -> Contract:
        """Raises ContractNotFound, also for a contract outside of the scope."""
        contract = await self._repository.find(contract_id)
        return _within(scope, contract)

    async def find_by_number(self, number: str, scope: Scope = EVERYTHING) -> Contract:
        """Find by the contract number, or by the provider's number. Raises ContractNotFound."""
        contract = await self._repository.find_by_number(number) or await self._repository.find_by_esign_no(number)
        return _within(scope, contract)

    async def add(self, contract: Contract, actor: Actor) -> Contract:
        """Raises NumberTaken, ContractExists, SuccessorExists, RenewalExists."""
        return await self._save(None, contract.with_fields(edited_version=1), actor)

    async def change(
        self,
        contract_id: str,
        change: ContractChange,
        actor: Actor,
        scope: Scope = EVERYTHING,
        expected_version: int | None = None,
        loaded: Contract | None = None,
    ) -> Contract:
        """Load, change and save; repeat after a version conflict, unless `expected_version` forbids it.

        `loaded` is a contract that was read a moment ago: the first try uses it instead of loading. Saving an outdated
        contract conflicts and is repeated; a `change` that returns an outdated contract unchanged is not repeated.

        Raises ContractNotFound, ContractVersionConflict, and the errors of `change`.
        """

        async def attempt() -> Contract:
            nonlocal loaded
            before, loaded = loaded or await self.find(contract_id, scope), None
            if expected_version is not None and not before.edited_version <= expected_version <= before.version:
                raise ContractVersionConflict(version=before.version)
            after = change(before, self._clock.now())
            return before if after is before else await self._save(before, after, actor)

        async with self._locks.hold(contract_id):
            return await retry_on_conflict(attempt)

    async def _save(self, before: Contract | None, after: Contract, actor: Actor) -> Contract:
        events = self._change_events.of(before, after, actor)
        shown = any(isinstance(event, ContractEvent) for event in events)
        if shown and before is not None:
            after = after.with_fields(edited_version=before.next_version)
        saved = await self._repository.save(after, events)
        if shown:
            self._board.apply(card_of(saved))
        return saved


def _within(scope: Scope, contract: Contract | None) -> Contract:
    if contract is None:
        raise ContractNotFound
    if not scope.covers(contract.created_by):
        raise ContractOutOfScope
    return contract
