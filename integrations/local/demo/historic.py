"""Clock, ids and signing provider of the past: substitutes with which use cases create a history."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import Template, TemplateSummary
from domain.contracts.ports import Received, SigningProvider
from domain.contracts.signing.model import Party, ProviderState, Signers, SigningAttempt
from domain.shared.ports import Clock, IdGenerator


class HistoricClock(Clock):
    def __init__(self, now: datetime) -> None:
        self._present = now
        self.at = now

    def now(self) -> datetime:
        return self.at

    def advance(self, rng: Random, hours: float) -> None:
        """Advance by a random time around `hours`, at most to the present."""
        later = self.at + timedelta(seconds=int(hours * 3600 * rng.uniform(0.4, 1.6)))
        self.at = min(later, self._present - timedelta(seconds=rng.randint(30, 900)))


class HistoricIds(IdGenerator):
    """Ids of the time `at`: the order of ids is the order of time."""

    def __init__(self, rng: Random, at: datetime) -> None:
        self._rng = rng
        self.at = at

    def next_id(self) -> str:
        return f"{int(self.at.timestamp()):08x}{self._rng.getrandbits(64):016x}"

    def secret(self) -> str:
        return f"{self._rng.getrandbits(256):064x}"


class HistoricProvider(SigningProvider):
    """The provider client, with times of signing replaced by those of the historic clock."""

    def __init__(self, provider: SigningProvider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock

    async def state_of(self, contract_no: str) -> ProviderState:
        state = await self._provider.state_of(contract_no)
        now = self._clock.now()
        signers = tuple(
            signer.model_copy(update={"signed_at": now if signer.signed_at else None}) for signer in state.signers
        )
        return state.model_copy(update={"signers": signers, "finished_at": now if state.finished_at else None})

    def account_of(self, party: Party) -> str:
        return self._provider.account_of(party)

    async def register(self, party: Party) -> None:
        await self._provider.register(party)

    async def create(self, attempt: SigningAttempt, title: str, filling: TemplateValues) -> None:
        await self._provider.create(attempt, title, filling)

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None:
        await self._provider.add_signers(attempt, signers)

    async def withdraw(self, contract_no: str, reason: str) -> None:
        await self._provider.withdraw(contract_no, reason)

    async def void(self, contract_no: str) -> None:
        await self._provider.void(contract_no)

    def download(self, contract_no: str, received: Received | None = None) -> AbstractAsyncContextManager[Path]:
        return self._provider.download(contract_no, received)

    async def preview(self, contract_no: str, account: str) -> str:
        return await self._provider.preview(contract_no, account)

    async def templates(self) -> Sequence[TemplateSummary]:
        return await self._provider.templates()

    async def template(self, template_no: str) -> Template:
        return await self._provider.template(template_no)

    def agency(self) -> Party:
        return self._provider.agency()
