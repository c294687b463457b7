"""Receives the behaviour of households. Nothing is looked up before the answer, so it discloses nothing."""

from datetime import date
from typing import Final

from domain.customers.behaviour.errors import BehaviourRepeated
from domain.customers.behaviour.events import BehaviourReceived
from domain.customers.behaviour.model import Behaviour, BehaviourKind
from domain.customers.behaviour.ports import BehaviourRepository
from domain.customers.dictionaries.model import DictionaryCode
from domain.customers.dictionaries.table import DictionaryTable
from domain.shared.ports import Clock, IdGenerator, RateLimiter

INQUIRIES_OF_A_PHONE: Final = 5
_DAY_SECONDS: Final = 24 * 60 * 60


class CustomerBehaviour:
    def __init__(
        self,
        behaviour: BehaviourRepository,
        dictionaries: DictionaryTable,
        limiter: RateLimiter,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._behaviour = behaviour
        self._dictionaries = dictionaries
        self._limiter = limiter
        self._clock = clock
        self._ids = ids

    async def inquire(
        self,
        *,
        phone: str,
        name: str,
        service_category: str = "",
        expected_start_date: date | None = None,
        area: str = "",
        content: str = "",
    ) -> None:
        """An inquiry of the website. The same for known and unknown phones. Raises RateLimited,
        UnknownDictionaryValue."""
        await self._dictionaries.require(DictionaryCode.SERVICE_CATEGORY, service_category)
        await self._limiter.hit(f"website-lead:{phone}", INQUIRIES_OF_A_PHONE, _DAY_SECONDS)
        await self._receive(
            Behaviour(
                id=self._ids.next_id(),
                action=BehaviourKind.WEBSITE_LEAD,
                phone=phone,
                name=name,
                service_category=service_category,
                expected_start_date=expected_start_date,
                area=area,
                content=content,
                at=self._clock.now(),
            )
        )

    async def act(self, action: BehaviourKind, user_id: str, resume_id: str, advisor_id: str, content: str) -> None:
        """An action of a mini-program user with a session. Repeated on the same day it adds nothing."""
        acted = Behaviour(
            id=self._ids.next_id(),
            action=action,
            user_id=user_id,
            resume_id=resume_id,
            advisor_id=advisor_id,
            content=content,
            at=self._clock.now(),
        )
        try:
            await self._receive(acted)
        except BehaviourRepeated:
            return

    async def _receive(self, behaviour: Behaviour) -> None:
        received = BehaviourReceived(id=self._ids.next_id(), at=behaviour.at, behaviour_id=behaviour.id)
        await self._behaviour.save(behaviour, [received])
