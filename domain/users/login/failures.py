"""Every attempt to log in leaves a row: the successful ones by their event, the refused ones from here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.shared.actor import Actor
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ports import Clock, IdGenerator
from domain.shared.region import Region
from domain.users.login.record import LoginMethod, LoginRecord
from domain.users.ports import LoginJournal, RegionFinder


@dataclass
class Attempt:
    """What has been found out about an attempt by the time it is refused."""

    method: LoginMethod
    user_id: str = ""
    app_id: str = ""


class Refusals:
    def __init__(self, journal: LoginJournal, regions: RegionFinder, clock: Clock, ids: IdGenerator) -> None:
        self._journal = journal
        self._regions = regions
        self._clock = clock
        self._ids = ids

    @asynccontextmanager
    async def noted(self, method: LoginMethod, actor: Actor) -> AsyncIterator[Attempt]:
        """A refusal inside is in the journal, durably, before the caller hears of it."""
        attempt = Attempt(method)
        try:
            yield attempt
        except Unavailable:
            raise  # the store that would keep the row is the one that is down
        except DomainError as error:
            await self._journal.record_refusal(self._row(attempt, actor, error.code))
            raise

    def _row(self, attempt: Attempt, actor: Actor, reason: str) -> LoginRecord:
        return LoginRecord(
            id=self._ids.next_id(),
            at=self._clock.now(),
            user_id=attempt.user_id,
            method=attempt.method,
            result="failed",
            reason=reason,
            app_id=attempt.app_id,
            address=actor.address,
            user_agent=actor.user_agent,
            region=self._regions.region_of(actor.address) or Region(),
        )
