"""Records failed logins in the login log; successful ones are recorded by their event."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.shared.actor import Actor
from domain.shared.errors import DomainError, Unavailable
from domain.shared.places.region import Region
from domain.shared.ports import Clock, IdGenerator
from domain.users.login_record import LoginMethod, LoginRecord
from domain.users.ports import LoginJournal, RegionFinder


@dataclass
class LoginProgress:
    """The facts about a login that are known so far; the record of a failure contains them."""

    method: LoginMethod
    user_id: str = ""
    app_id: str = ""


class FailedLoginRecorder:
    def __init__(self, journal: LoginJournal, regions: RegionFinder, clock: Clock, ids: IdGenerator) -> None:
        self._journal = journal
        self._regions = regions
        self._clock = clock
        self._ids = ids

    @asynccontextmanager
    async def recording(self, method: LoginMethod, actor: Actor) -> AsyncIterator[LoginProgress]:
        """A DomainError raised inside is recorded durably before it reaches the caller."""
        progress = LoginProgress(method)
        try:
            yield progress
        except Unavailable:
            raise  # the store that would keep the record is down
        except DomainError as error:
            await self._journal.record_failure(self._record(progress, actor, error.code))
            raise

    def _record(self, progress: LoginProgress, actor: Actor, reason: str) -> LoginRecord:
        return LoginRecord(
            id=self._ids.next_id(),
            at=self._clock.now(),
            user_id=progress.user_id,
            method=progress.method,
            result="failed",
            reason=reason,
            app_id=progress.app_id,
            address=actor.address,
            user_agent=actor.user_agent,
            region=self._regions.region_of(actor.address) or Region(),
        )
