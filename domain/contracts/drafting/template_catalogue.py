"""A cache of the provider's templates: forms request them often, and they rarely change."""

import asyncio
from collections.abc import Sequence

from domain.contracts.drafting.template_filling import fill_template
from domain.contracts.drafting.templates import Template, TemplateSummary
from domain.contracts.errors import SigningRefused
from domain.contracts.ports import SigningProvider
from domain.contracts.terms import ContractTerms
from domain.shared.errors import UpstreamFailed
from domain.shared.ports import Clock

CACHE_SECONDS = 300.0
LOOKUP_TIMEOUT_SECONDS = 2.0
"""How long a request to start signing waits for the template before it goes on without the check."""


class TemplateCatalogue:
    def __init__(
        self, provider: SigningProvider, clock: Clock, timeout_seconds: float = LOOKUP_TIMEOUT_SECONDS
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._templates: dict[str, tuple[float, Template]] = {}
        self._all: tuple[float, Sequence[TemplateSummary]] | None = None

    async def all(self) -> Sequence[TemplateSummary]:
        """Raises UpstreamFailed; a failure is not answered with an empty list."""
        now = self._clock.now().timestamp()
        if self._all is None or self._all[0] <= now:
            self._all = (now + CACHE_SECONDS, await self._provider.templates())
        return self._all[1]

    async def template(self, template_no: str) -> Template:
        """Raises TemplateMissing, UpstreamFailed."""
        now = self._clock.now().timestamp()
        known = self._templates.get(template_no)
        if known is None or known[0] <= now:
            known = (now + CACHE_SECONDS, await self._provider.template(template_no))
            self._templates[template_no] = known
        return known[1]

    async def name_of(self, template_no: str) -> str:
        """Empty for an unknown template. Raises UpstreamFailed."""
        return next((each.name for each in await self.all() if each.template_no == template_no), "")

    async def require_fits(self, template_no: str, terms: ContractTerms) -> None:
        """Raises TemplateMismatch, TemplateMissing. Passes when the provider is unavailable or slow: sending repeats
        the check."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                template = await self.template(template_no)
        except SigningRefused:
            raise
        except (UpstreamFailed, TimeoutError):
            return
        fill_template(template, terms)
