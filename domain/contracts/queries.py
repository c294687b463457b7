"""Looking at contracts: lists, the board, look-ups, a customer's history."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from domain.audit.model import audit_of
from domain.contracts.board.card import ContractCard
from domain.contracts.board.filter import ContractFilter, ContractTotals
from domain.contracts.board.projection import BoardProjection
from domain.contracts.data_scope import EVERYTHING, DataScope
from domain.contracts.model import Contract
from domain.contracts.ports import ContractLookups, ContractRepository, StaffDirectory
from domain.contracts.statuses import ContractStatus, OrderCategory
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.business_day import business_day
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower, IdGenerator

MOST_NAMED = 50
COLUMN_LENGTH = 50
ENDING_SOON_DAYS = 30


class BoardColumn(Model):
    status: ContractStatus
    count: int
    cards: tuple[ContractCard, ...]
    """The newest."""


class BoardView(Model):
    columns: tuple[BoardColumn, ...]
    service_expired: int
    ending_soon: int
    at: Instant
    """It holds everything that happened until then."""


class WorkerTenure(Model):
    """One worker's time with a customer (第几任)."""

    contract: Contract
    order: int
    actual_end_date: date | None
    service_days: int
    is_replaced: bool


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

    async def find(self, contract_id: str, scope: DataScope) -> Contract:
        return await self._contracts.find(contract_id, scope)

    async def find_by_number(self, number: str, scope: DataScope) -> Contract:
        return await self._contracts.find_by_number(number, scope)

    async def reveal(
        self, contract_id: str, fields: Sequence[str], reason: str, scope: DataScope, actor: Actor
    ) -> Contract:
        """The contract, once it is written down who saw which fields in clear. Raises ContractNotFound."""
        contract = await self._contracts.find(contract_id, scope)
        shown = {"revealed": sorted(fields)}
        row = audit_of(self._ids.next_id(), self._clock.now(), actor, ("contract", contract_id), {}, shown, reason)
        await self._audit.follow((row,))
        return contract

    async def page(self, wanted: ContractFilter, search: str, paging: PageRequest) -> Page[Contract]:
        """The newest first. Raises PageTooDeep."""
        skip = paging.skip
        ids = await self._matching(wanted, search)
        shown = await self._repository.find_all(ids[skip : skip + paging.page_size])
        return Page(list=list(shown), total=len(ids), page=paging.page, page_size=paging.page_size)

    async def board(self, wanted: ContractFilter, search: str = "") -> BoardView:
        """`wanted.status` is ignored: every status is a column."""
        await self._projection.require_loaded()
        now = self._clock.now()
        today = business_day(now)
        among = await self._among(search)
        columns = [self._column(wanted, status, among, today) for status in ContractStatus]
        soon = wanted.model_copy(update={"ending_until": today + timedelta(days=ENDING_SOON_DAYS)})
        return BoardView(
            columns=tuple(columns),
            service_expired=self._board.expired_services(wanted.scope, today),
            ending_soon=len(self._board.find(soon, today)),
            at=now,
        )

    async def column(self, wanted: ContractFilter, status: ContractStatus, search: str, older_than: str) -> BoardColumn:
        """One column of the board from the first card on that is older than the contract `older_than`."""
        await self._projection.require_loaded()
        return self._column(wanted, status, await self._among(search), self.today(), older_than)

    async def owners(self, scope: DataScope) -> dict[str, str]:
        """Whoever owns contracts within the scope, by id."""
        await self._projection.require_loaded()
        return await self.staff_names(list(self._board.owners(scope)))

    async def totals(self, scope: DataScope) -> ContractTotals:
        await self._projection.require_loaded()
        return self._board.totals(ContractFilter(latest_only=True, scope=scope), self.today())

    async def of_customer(self, customer_id: str, scope: DataScope) -> list[Contract]:
        return _within(scope, await self._lookups.of_customer(customer_id))

    async def of_worker(self, worker_id: str, scope: DataScope) -> list[Contract]:
        return _within(scope, await self._lookups.of_worker(worker_id))

    async def of_customer_phone(self, phone: str, scope: DataScope = EVERYTHING) -> list[Contract]:
        return _within(scope, await self._lookups.of_customer_phone(phone))

    async def search_worker(self, name: str, id_card: str, phone: str, scope: DataScope) -> list[Contract]:
        """By the most particular of what is given; by a name, which many bear, the newest fifty."""
        if id_card:
            found = await self._lookups.of_worker_id_card(id_card)
        elif phone:
            found = await self._repository.find_all(await self._lookups.matching(phone))
        elif name.strip():
            found = await self._repository.find_all((await self._named(name, scope))[:MOST_NAMED])
        else:
            return []
        return [
            contract
            for contract in _within(scope, found)
            if (not name or name in contract.worker_name) and (not phone or contract.worker_phone == phone)
        ]

    async def _named(self, worker_name: str, scope: DataScope) -> list[str]:
        ids = await self._matching(ContractFilter(scope=scope), worker_name)
        cards = filter(None, map(self._board.card, ids))
        return [card.id for card in cards if worker_name in card.worker_name]

    async def worker_tenures(self, phone: str, scope: DataScope) -> list[WorkerTenure]:
        """The workers whom a customer has had, the first one first; computed from the contracts, so always true."""
        found = [
            contract
            for contract in _within(scope, await self._lookups.of_customer_phone(phone))
            if contract.contract_status in (ContractStatus.ACTIVE, ContractStatus.REPLACED)
            and contract.order_category is OrderCategory.HOUSEKEEPING
        ]
        found.sort(key=lambda contract: (contract.start_date or date.min, contract.created_at))
        return [self._tenure(contract, order, found) for order, contract in enumerate(found, start=1)]

    async def staff_names(self, ids: Sequence[str]) -> dict[str, str]:
        wanted = sorted(set(filter(None, ids)))
        names = await asyncio.gather(*(self._staff.name_of(staff_id) for staff_id in wanted))
        return dict(zip(wanted, names, strict=True))

    def _tenure(self, contract: Contract, order: int, all_of_them: Sequence[Contract]) -> WorkerTenure:
        replaced = contract.contract_status is ContractStatus.REPLACED
        end = contract.end_date
        if replaced:
            successor = next((each for each in all_of_them if each.id == contract.replaced_by_contract_id), None)
            end = (successor.change_date or successor.start_date) if successor else end
        days = contract.service_days
        if days is None:
            until = min(end, self.today()) if end and not replaced else end
            days = max(0, (until - contract.start_date).days) if until and contract.start_date else 0
        return WorkerTenure(
            contract=contract, order=order, actual_end_date=end, service_days=days, is_replaced=replaced
        )

    async def _matching(self, wanted: ContractFilter, search: str) -> list[str]:
        await self._projection.require_loaded()
        among = await self._among(search)
        ids = self._board.find(wanted, self.today())
        return ids if among is None else [contract_id for contract_id in ids if contract_id in among]

    async def _among(self, search: str) -> set[str] | None:
        """What the search finds; None when nothing is searched for."""
        return set(await self._lookups.matching(search)) if search.strip() else None

    def _column(
        self, wanted: ContractFilter, status: ContractStatus, among: set[str] | None, today: date, older_than: str = ""
    ) -> BoardColumn:
        ids = self._board.find(wanted.model_copy(update={"status": status}), today)
        if among is not None:
            ids = [contract_id for contract_id in ids if contract_id in among]
        below = [each for each in ids if self._board.is_older(each, older_than)] if older_than else ids
        cards = tuple(card for each in below[:COLUMN_LENGTH] if (card := self._board.card(each)))
        return BoardColumn(status=status, count=len(ids), cards=cards)


def _within(scope: DataScope, contracts: Sequence[Contract]) -> list[Contract]:
    return [contract for contract in contracts if scope.covers(contract.created_by)]
