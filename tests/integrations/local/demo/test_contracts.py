"""The contracts of the demonstration: a valid history, and simulated signers who act for invented customers only."""

import asyncio
from contextlib import suppress
from datetime import UTC, date, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
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
from integrations.settings import Settings
from integrations.wiring.contracts import ContractStores, signing_with_esign
from integrations.wiring.infrastructure import Infrastructure
from tests.contract_api import ContractApi, Provider, contract_api
from tests.integrations.local.demo.unreachable import UnreachableApi
from tests.waiting import eventually

Database = AsyncIOMotorDatabase[dict[str, Any]]


async def seeded(base: Infrastructure, known: Settings) -> int:
    members, _ = await demo_staff(base)
    return await seed_contracts(base, signing_with_esign(base, known.esign), members, known.esign.host)


async def stored(base: Infrastructure) -> list[Contract]:
    contracts = ContractStores.of(base).contracts
    return [contracts.from_document(each) for each in await contracts.collection.find({}).to_list(None)]


async def test_the_history_has_every_status_in_a_valid_order_and_is_seeded_once(
    base: Infrastructure, known: Settings
) -> None:
    made = await seeded(base, known)

    contracts = await stored(base)
    now = base.clock.now()
    assert made <= len(contracts)
    assert {contract.contract_status for contract in contracts} == set(ContractStatus)
    for contract in contracts:
        times = [entry.at for entry in contract.history]
        assert times == sorted(times), contract.contract_number
        assert times[-1] <= now
        steps = [(entry.from_status, entry.to_status) for entry in contract.history if entry.is_transition]
        assert all(step in TRANSITIONS for step in steps[1:] if None not in step)
        signed = [signer.signed_at for signer in contract.signers if signer.state is SignerState.SIGNED]
        assert all(at is not None and at <= now for at in signed)
    assert any(contract.replaced_by_contract_id for contract in contracts)
    audited = await base.database["audit_logs"].count_documents({"targetKind": "contract"})
    assert audited == sum(len(contract.history) for contract in contracts)
    rows = await base.database["notifications"].find({}).to_list(None)
    assert {row["status"] for row in rows} == {"SENT", "READ"}
    assert all(now - timedelta(days=15) < row["createdAt"].replace(tzinfo=UTC) <= now for row in rows)
    assert len({row["userId"] for row in rows}) >= 4  # owners and overseers

    again = await seeded(base, known)

    assert again == 0
    assert await stored(base) == contracts


def test_an_invented_form_gives_terms_that_can_be_signed() -> None:
    form = housekeeping_form(seeded_random("one"), 7, date(2026, 5, 1))

    terms = terms_from_form(form)

    assert terms.missing_to_sign() == []
    assert terms.contradictions() == []
    assert terms.worker_salary_fen == form["workerSalary"] * 100
    assert terms.customer_phone.startswith(CUSTOMER_PHONE_PREFIX)
    assert terms.customer_phone[-4:] != terms.worker_phone[-4:]


async def test_simulated_signers_act_for_invented_customers_only(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Database, provider: Provider
) -> None:
    async with contract_api(mongodb_uri, redis_url, database.name, provider) as api:
        admin = await api.staff(Role.ADMIN)
        mine = await admin.signing(1)
        theirs = await admin.signing(2, customerPhone=f"{CUSTOMER_PHONE_PREFIX}000002")
        _, employees = await demo_staff(api.stores.base)
        signers = asyncio.create_task(
            SimulatedSigners(api.url, provider.url, employees, api.stores.clock, speed=1500).run()
        )

        moved = await api.until(theirs.id, lambda contract: contract.contract_status != "signing")
        await until_another_contract(api, {mine.id, theirs.id})

        signers.cancel()
        with suppress(asyncio.CancelledError):
            await signers
        assert moved.contract_status in ("active", "cancelled")
        untouched = await api.contract(mine.id)
        assert untouched.signed_count() == 0
        assert untouched.contract_status == "signing"


async def until_another_contract(api: ContractApi, known: set[str]) -> None:
    """Waits until the simulated employee has sent a contract by the API."""

    async def there_is_another() -> bool:
        return bool({str(each["_id"]) async for each in api.stores.contracts.contracts.collection.find({})} - known)

    await eventually(there_is_another, 20)


async def test_simulated_signers_survive_an_api_that_cannot_be_reached(base: Infrastructure) -> None:
    _, employees = await demo_staff(base)
    async with UnreachableApi().listening() as api:
        signers = asyncio.create_task(SimulatedSigners(api.url, api.url, employees, base.clock, speed=1500).run())

        await eventually(lambda: api.attempts > 1)

        assert not signers.done()
        signers.cancel()
        with suppress(asyncio.CancelledError):
            await signers


async def test_the_simulated_employees_get_new_passwords_at_each_start(base: Infrastructure) -> None:
    _, first = await demo_staff(base)
    members, second = await demo_staff(base)

    assert {each.password for each in first}.isdisjoint(each.password for each in second)
    assert len(second) == 3
    assert members[0].role == Role.MANAGER
    assert len({member.id for member in members}) == len(members)
