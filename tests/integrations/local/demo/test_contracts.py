"""The contracts of the demonstration: a valid history, and simulated signers who act for invented customers only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from redis.asyncio import Redis

from domain.contracts.lifecycle import TRANSITIONS
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, SignerState
from domain.shared.authority import Role
from integrations.local.demo.contract_forms import CUSTOMER_PHONE_PREFIX, housekeeping_form, terms_from_form
from integrations.local.demo.contract_seed import seed_contracts
from integrations.local.demo.people import seeded_random
from integrations.local.demo.simulated_signers import SimulatedSigners
from integrations.local.demo.staff import demo_staff
from integrations.local.simulators.esign import SIMULATED_APP_ID
from integrations.settings import Settings
from integrations.wiring.opened import Integrations, opened
from tests.contracting import KEYS, Provider, Worker, simulated_provider, working
from tests.integrations.local.demo.unreachable import UnreachableApi
from tests.waiting import eventually

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with simulated_provider() as provider:
        yield provider


@pytest.fixture
async def integrations(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Database, provider: Provider
) -> AsyncIterator[Integrations]:
    known = Settings(
        app_env="test",
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=database.name,
        redis_url=SecretStr(redis_url),
        jwt_secret=SecretStr("a key of tests that is long enough for anybody"),
        password_rounds=10,
        esign_app_id=SIMULATED_APP_ID,
        esign_host=provider.url,
        esign_private_key=SecretStr(KEYS.merchant_private_pem),
        esign_public_key=KEYS.platform_public_pem,
        esign_notify_url="http://127.0.0.1:9/api/esign/callback",
        esign_company_name="安心家政",
        esign_company_account="agency-001",
        esign_seal_no="seal-001",
        esign_account_key=SecretStr("a key of tests that makes accounts of cards"),
    )
    async with opened(known, CollectorRegistry()) as integrations:
        await integrations.create_indexes()
        yield integrations


async def seeded(integrations: Integrations, provider: Provider) -> int:
    assert integrations.signing is not None
    members, _ = await demo_staff(integrations)
    return await seed_contracts(integrations, integrations.signing, members, provider.url)


async def stored(integrations: Integrations) -> list[Contract]:
    contracts = integrations.contracts.contracts
    return [contracts.from_document(each) for each in await contracts.collection.find({}).to_list(None)]


async def test_the_history_has_every_status_in_a_valid_order_and_is_seeded_once(
    integrations: Integrations, provider: Provider
) -> None:
    made = await seeded(integrations, provider)

    contracts = await stored(integrations)
    now = integrations.clock.now()
    assert made <= len(contracts)
    assert {contract.contract_status for contract in contracts} == set(ContractStatus)
    for contract in contracts:
        times = [entry.at for entry in contract.history]
        assert times == sorted(times), contract.contract_number
        assert times[-1] <= now
        steps = [(entry.from_status, entry.to_status) for entry in contract.history if entry.is_step]
        assert all(step in TRANSITIONS for step in steps[1:] if None not in step)
        signed = [signer.signed_at for signer in contract.signers if signer.state is SignerState.SIGNED]
        assert all(at is not None and at <= now for at in signed)
    assert any(contract.replaced_by_contract_id for contract in contracts)
    audited = await integrations.database["audit_logs"].count_documents({"targetKind": "contract"})
    assert audited == sum(len(contract.history) for contract in contracts)

    again = await seeded(integrations, provider)

    assert again == 0
    assert await stored(integrations) == contracts


def test_an_invented_form_gives_terms_that_can_be_signed() -> None:
    form = housekeeping_form(seeded_random("one"), 7, date(2026, 5, 1))

    terms = terms_from_form(form)

    assert terms.missing_to_sign() == []
    assert terms.contradictions() == []
    assert terms.worker_salary_fen == form["workerSalary"] * 100
    assert terms.customer_phone.startswith(CUSTOMER_PHONE_PREFIX)


async def test_simulated_signers_act_for_invented_customers_only(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Database, provider: Provider
) -> None:
    async with working(mongodb_uri, redis_url, database.name, provider) as worker:
        admin = await worker.staff(Role.ADMIN)
        mine = await admin.signing(1)
        theirs = await admin.signing(2, customerPhone=f"{CUSTOMER_PHONE_PREFIX}000002")
        _, credentials = await demo_staff(worker.stores)
        signers = asyncio.create_task(
            SimulatedSigners(worker.url, provider.url, credentials, worker.stores.clock, speed=200).run()
        )

        moved = await worker.until(theirs.id, lambda contract: contract.contract_status != "signing")
        await until_another_contract(worker, {mine.id, theirs.id})

        signers.cancel()
        with suppress(asyncio.CancelledError):
            await signers
        assert moved.contract_status in ("active", "cancelled")
        untouched = await worker.contract(mine.id)
        assert untouched.signed_count() == 0
        assert untouched.contract_status == "signing"


async def until_another_contract(worker: Worker, known: set[str]) -> None:
    """Waits until the simulated employee has sent a contract by the API."""

    async def there_is_another() -> bool:
        return bool({str(each["_id"]) async for each in worker.contract_stores.contracts.collection.find({})} - known)

    await eventually(there_is_another, 20)


async def test_simulated_signers_survive_an_api_that_cannot_be_reached(
    provider: Provider, integrations: Integrations
) -> None:
    _, credentials = await demo_staff(integrations)
    async with UnreachableApi().listening() as api:
        signers = asyncio.create_task(
            SimulatedSigners(api.url, api.url, credentials, integrations.clock, speed=100).run()
        )

        await eventually(lambda: api.attempts > 1)

        assert not signers.done()
        signers.cancel()
        with suppress(asyncio.CancelledError):
            await signers


async def test_the_simulated_employee_gets_a_new_password_at_each_start(integrations: Integrations) -> None:
    _, first = await demo_staff(integrations)
    members, second = await demo_staff(integrations)

    assert first.password != second.password
    assert members[0].role == Role.MANAGER
    assert len({member.id for member in members}) == len(members)
