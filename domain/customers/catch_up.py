"""Catch-up at the first start beside older contracts and users: contracts get customers, customers their accounts."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from domain.customers.account_links import AccountLinks
from domain.customers.followers import ContractFollower
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Conflict
from domain.shared.model import Model
from domain.shared.ports import Clock

log = logging.getLogger("business.customers")

INTERVAL_SECONDS: Final = 30.0
_ROUND_SECONDS: Final = 20.0
_LEASE_SECONDS: Final = 60.0
_BATCH: Final = 100


class CatchUpState(Model):
    """How far the catch-up is. Records since the first start are followed by events."""

    contracts_before: str
    """The contracts from this id on are done: the newest first, so that customers are made of the newest."""
    customers_before: str
    done: bool = False
    contracts: int = 0
    customers: int = 0
    """The numbers of records that were processed."""


class CatchUpRecords(Protocol):
    """Every method raises Unavailable."""

    async def state(self) -> CatchUpState:
        """Begins one at the first call."""

    async def keep(self, state: CatchUpState) -> None: ...

    async def contracts_before(self, contract_id: str, most: int) -> Sequence[str]:
        """Ids, the highest first; also those of deleted ones."""

    async def customers_before(self, customer_id: str, most: int) -> Sequence[str]: ...


class CustomerCatchUp:
    """Each step may be repeated, so a process may die at any point: the next one goes on with the last stored batch.
    `follower` and `links` emit no events that cause notifications."""

    def __init__(self, records: CatchUpRecords, follower: ContractFollower, links: AccountLinks, clock: Clock) -> None:
        self._records = records
        self._follower = follower
        self._links = links
        self._clock = clock
        self._done = False

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("customer-catch-up", Every(INTERVAL_SECONDS), self.run, _LEASE_SECONDS),)

    async def run(self) -> None:
        """Goes on for some seconds; nothing once everything is done. Raises Unavailable."""
        if self._done:
            return
        began, state = self._clock.now(), await self._records.state()
        while not state.done and (self._clock.now() - began).total_seconds() < _ROUND_SECONDS:
            state = await self._step(state)
            await self._records.keep(state)
            counts = {"contracts": state.contracts, "customers": state.customers, "done": state.done}
            log.info("customers.catch_up", extra=counts)
        self._done = state.done

    async def _step(self, state: CatchUpState) -> CatchUpState:
        """The next batch: first all contracts, then all customers."""
        if contracts := await self._records.contracts_before(state.contracts_before, _BATCH):
            await _each(contracts, self._follower.settle)
            done = {"contracts_before": contracts[-1], "contracts": state.contracts + len(contracts)}
        elif customers := await self._records.customers_before(state.customers_before, _BATCH):
            await _each(customers, self._links.settle_customer)
            done = {"customers_before": customers[-1], "customers": state.customers + len(customers)}
        else:
            done = {"done": True}
        return state.model_copy(update=done)


async def _each(ids: Sequence[str], settle: Callable[[str], Awaitable[None]]) -> None:
    for each in ids:
        try:
            await settle(each)
        except (
            ValueError,
            Conflict,
        ) as error:  # a document that cannot be read, or has the phone, must not stop the others
            log.warning("customers.catch_up_unreadable", extra={"record": each, "error": type(error).__name__})
