"""Read-only use cases: lists, the board, lookups, totals, and the workers of a customer."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from domain.audit.model import audit_of
from domain.contracts.board.card import ContractCard
from domain.contracts.board.filter import ContractFilter, ContractTotals
from domain.contracts.board.projection import BoardProjection
from domain.contracts.model import Contract
from domain.contracts.ports import ContractLookups, ContractRepository, StaffDirectory
from domain.contracts.statuses import ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.contracts.worker_history import WorkerTenure, worker_tenures
from domain.shared.actor import Actor
from domain.shared.business_day import business_day
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.scope import EVERYTHING, Scope

MAX_FOUND_BY_NAME = 50
COLUMN_SIZE = 50
ENDING_SOON_DAYS = 30


class BoardColumn(Model):
    status: ContractStatus
    count: int
    cards: tuple[ContractCard, ...]
    """The newest cards."""


class BoardView(Model):
    columns: tuple[BoardColumn, ...]
    service_expired: int
    ending_soon: int
    at: Instant
    """The board holds every change made before this time."""


class ContractQueries:
    def __init__(
        self,
        contracts: ContractUnitOfWork,
        repository: ContractRepository,
        lookups: ContractLookups,
        projection: BoardProjection,
        staff: StaffDirectory,
        audit: DurableFollower,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._contracts = contracts
        self._repository = repository
        self._lookups = lookups
        self._projection = projection
        self._board = projection.board
        self._staff = staff
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def today(self) -> date:
        return business_day(self._clock.now())

    async def find(self, contract_id: str, scope: Scope) -> Contract:
        return await self._contracts.find(contract_id, scope)

    async def find_by_number(self, number: str, scope: Scope) -> Contract:
        return await self._contracts.find_by_number(number, scope)

    async def reveal(
        self, contract_id: str, fields: Sequence[str], reason: str, scope: Scope, actor: Actor
    ) -> Contract:
        """The contract, after an audit row about the revealed fields is stored. Raises ContractNotFound."""
        contract = await self._contracts.find(contract_id, scope)
        shown = {"revealed": sorted(fields)}
        row = audit_of(self._ids.next_id(), self._clock.now(), actor, ("contract", contract_id), {}, shown, reason)
        await self._audit.follow((row,))
        return contract

    async def page(self, wanted: ContractFilter, search: str, paging: PageRequest) -> Page[Contract]:
        """Newest first. Raises PageTooDeep."""
        skip = paging.skip
        ids = await self.matching(wanted, search)
        shown = await self._repository.find_all(ids[skip : skip + paging.page_size])
        return Page.of(shown, len(ids), paging)

    async def board(self, wanted: ContractFilter, search: str = "") -> BoardView:
        """All columns; `wanted.status` is ignored."""
        await self._projection.require_loaded()
        now = self._clock.now()
        today = business_day(now)
        among = await self._search(search)
        columns = [self._column(wanted, status, among, today) for status in ContractStatus]
        soon = wanted.model_copy(update={"ending_until": today + timedelta(days=ENDING_SOON_DAYS)})
        return BoardView(
            columns=tuple(columns),
            service_expired=self._board.expired_services(wanted.scope, today),
            ending_soon=len(self._board.find(soon, today)),
            at=now,
        )

    async def column(self, wanted: ContractFilter, status: ContractStatus, search: str, older_than: str) -> BoardColumn:
        """The next cards of one column: those older than the contract `older_than`, or the newest when it is empty."""
        await self._projection.require_loaded()
        return self._column(wanted, status, await self._search(search), self.today(), older_than)

    async def owners(self, scope: Scope) -> dict[str, str]:
        """The owners of contracts within the scope: names by staff id."""
        await self._projection.require_loaded()
        return await self.staff_names(list(self._board.owners(scope)))

    async def totals(self, scope: Scope) -> ContractTotals:
        await self._projection.require_loaded()
        return self._board.totals(ContractFilter(latest_only=True, scope=scope), self.today())

    async def of_customer(self, customer_id: str, scope: Scope) -> list[Contract]:
        return _within(scope, await self._lookups.of_customer(customer_id))

    async def of_worker(self, worker_id: str, scope: Scope) -> list[Contract]:
        return _within(scope, await self._lookups.of_worker(worker_id))

    async def of_customer_phone(self, phone: str, scope: Scope = EVERYTHING) -> list[Contract]:
        return _within(scope, await self._lookups.of_customer_phone(phone))

    async def search_worker(self, name: str, id_card: str, phone: str, scope: Scope) -> list[Contract]:
        """Search by the most specific argument given: card number, phone, or name (the newest fifty)."""
        if id_card:
            found = await self._lookups.of_worker_id_card(id_card)
        elif phone:
            found = await self._repository.find_all(await self._lookups.matching(phone))
        elif name.strip():
            found = await self._repository.find_all((await self._worker_named(name, scope))[:MAX_FOUND_BY_NAME])
        else:
            return []
        return [
            contract
            for contract in _within(scope, found)
            if (not name or name in contract.worker_name) and (not phone or contract.worker_phone == phone)
        ]

    async def _worker_named(self, worker_name: str, scope: Scope) -> list[str]:
        ids = await self.matching(ContractFilter(scope=scope), worker_name)
        cards = filter(None, map(self._board.card, ids))
        return [card.id for card in cards if worker_name in card.worker_name]

    async def worker_tenures(self, phone: str, scope: Scope) -> list[WorkerTenure]:
        """The workers that a customer has had, oldest first."""
        return worker_tenures(_within(scope, await self._lookups.of_customer_phone(phone)), self.today())

    async def staff_names(self, ids: Sequence[str]) -> dict[str, str]:
        wanted = sorted(set(filter(None, ids)))
        names = await asyncio.gather(*(self._staff.name_of(staff_id) for staff_id in wanted))
        return dict(zip(wanted, names, strict=True))

    async def matching(self, wanted: ContractFilter, search: str) -> list[str]:
        """The ids of all matching contracts, newest first."""
        await self._projection.require_loaded()
        among = await self._search(search)
        ids = self._board.find(wanted, self.today())
        return ids if among is None else [contract_id for contract_id in ids if contract_id in among]

    async def _search(self, search: str) -> set[str] | None:
        """The ids that the search finds; None without a search."""
        return set(await self._lookups.matching(search)) if search.strip() else None

    def _column(
        self, wanted: ContractFilter, status: ContractStatus, among: set[str] | None, today: date, older_than: str = ""
    ) -> BoardColumn:
        ids = self._board.find(wanted.model_copy(update={"status": status}), today)
        if among is not None:
            ids = [contract_id for contract_id in ids if contract_id in among]
        below = [each for each in ids if self._board.is_older(each, older_than)] if older_than else ids
        cards = tuple(card for each in below[:COLUMN_SIZE] if (card := self._board.card(each)))
        return BoardColumn(status=status, count=len(ids), cards=cards)


def _within(scope: Scope, contracts: Sequence[Contract]) -> list[Contract]:
    return [contract for contract in contracts if scope.covers(contract.created_by)]
