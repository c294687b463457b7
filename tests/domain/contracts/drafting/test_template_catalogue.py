"""The cache of templates, and the check when signing starts."""

import asyncio
from typing import Any

import pytest

from domain.contracts.drafting.template_catalogue import CACHE_SECONDS, TemplateCatalogue
from domain.contracts.drafting.templates import FieldKind, Template, TemplateField
from domain.contracts.errors import TemplateMismatch
from domain.contracts.terms import ContractTerms, validated_terms
from domain.shared.errors import UpstreamFailed
from tests.domain.contracts.builders import a_contract, terms
from tests.domain.contracts.harness import (
    FakeSigningProvider,
    SettableClock,
    contracts_harness,
)

K = FieldKind


def some_terms(**fields: Any) -> ContractTerms:
    return validated_terms(terms(**fields))


async def test_templates_are_cached_for_five_minutes() -> None:
    clock = SettableClock()
    provider = FakeSigningProvider(clock)
    catalogue = TemplateCatalogue(provider, clock)

    for seconds in (0, CACHE_SECONDS - 1, 1, 1):
        clock.advance(seconds=seconds)
        await catalogue.template("TN-HOME")
        await catalogue.all()

    assert (provider.count("template"), provider.count("templates")) == (2, 2)


async def test_a_failure_is_raised_and_not_cached() -> None:
    clock = SettableClock()
    provider = FakeSigningProvider(clock, failures=[UpstreamFailed()])
    catalogue = TemplateCatalogue(provider, clock)

    with pytest.raises(UpstreamFailed):
        await catalogue.all()

    assert [each.template_no for each in await catalogue.all()] == ["TN-HOME"]


async def test_the_template_check_is_skipped_while_the_provider_is_unavailable() -> None:
    clock = SettableClock()
    controls = (TemplateField(key="必填", kind=K.TEXT, required=True),)
    provider = FakeSigningProvider(clock, failures=[UpstreamFailed()], controls=controls)
    catalogue = TemplateCatalogue(provider, clock)

    await catalogue.require_fits("TN-HOME", some_terms())
    with pytest.raises(TemplateMismatch):
        await catalogue.require_fits("TN-HOME", some_terms())


class SilentProvider(FakeSigningProvider):
    async def template(self, template_no: str) -> Template:
        await super().template(template_no)
        never: asyncio.Future[Template] = asyncio.get_running_loop().create_future()
        return await never


async def test_a_slow_template_lookup_is_skipped() -> None:
    harness = contracts_harness()
    provider = SilentProvider(harness.clock)
    catalogue = TemplateCatalogue(provider, harness.clock, timeout_seconds=0.01)

    await catalogue.require_fits("TN-HOME", a_contract())

    assert provider.count("template") == 1
