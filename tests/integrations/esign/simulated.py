"""The simulated e-sign provider on loopback, with our client, signers, and a receiver of callbacks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.contracts.drafting.template_filling import fill_template
from domain.contracts.model import Contract
from domain.contracts.signing.model import SigningAttempt, build_signers
from domain.contracts.signing.signing_order import signing_parties
from integrations.breaker import CircuitBreaker
from integrations.esign.client import Agency, EsignClient, EsignUrls
from integrations.esign.http import EsignHttp
from integrations.local.simulators.esign.app import STATE, create_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, DevelopmentKeys, new_key
from integrations.local.simulators.esign.state import SimulatorState
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE
from tests.domain.contracts.builders import a_contract, with_attempt
from tests.integrations.clocks import SettableClock
from tests.waiting import eventually

KEYS = DevelopmentKeys(new_key(), new_key())
AGENCY = Agency("安心家政", "agency-001", "seal-001")


@dataclass
class CallbackListener:
    """Receives callbacks in place of the agency, and records them."""

    url: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    """Answers to the next callbacks; later ones get `ok`."""

    async def receive(self, request: web.Request) -> web.Response:
        is_json = request.content_type == "application/json"
        self.received.append(await request.json() if is_json else dict(await request.post()))
        status, text = self.answers.pop(0) if self.answers else (200, "ok")
        return web.Response(status=status, text=text)

    async def until(self, count: int) -> list[dict[str, Any]]:
        await eventually(lambda: len(self.received) >= count)
        return self.received


@dataclass
class SimulatedProvider:
    url: str
    state: SimulatorState
    clock: SettableClock
    session: aiohttp.ClientSession
    listener: CallbackListener
    calls: list[tuple[str, str]] = field(default_factory=list)
    """The operation and the outcome of every call of a client."""

    def http(
        self,
        base_url: str = "",
        total_seconds: float = 5,
        breaker: CircuitBreaker | None = None,
        key: RSAPrivateKey = KEYS.merchant,
    ) -> EsignHttp:
        return EsignHttp(
            self.session,
            base_url or self.url,
            SIMULATED_APP_ID,
            key,
            self.clock,
            lambda operation, outcome, seconds: self.calls.append((operation, outcome)),
            timeout=aiohttp.ClientTimeout(total=total_seconds),
            breaker=breaker,
        )

    def client(self, base_url: str = "", total_seconds: float = 5) -> EsignClient:
        addresses = EsignUrls(self.listener.url, "https://agency.example/done")
        return EsignClient(self.http(base_url, total_seconds), AGENCY, addresses, b"a key that makes accounts of cards")

    async def order(self, what: str, status: int = 200, **body: Any) -> Any:
        async with self.session.post(f"{self.url}/_sim/{what}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def fault(self, path: str, times: int = 1, **fault: Any) -> None:
        await self.order("faults", path=path, times=times, fault=fault)

    async def knobs(self, **knobs: Any) -> None:
        await self.order("knobs", **knobs)

    async def do(self, contract_no: str, deed: str, status: int = 200, **more: Any) -> Any:
        return await self.order(f"{contract_no}/{deed}", status, **more)

    async def advance(self, seconds: float) -> None:
        """Advance the clock of the client and of the simulator."""
        self.clock.advance(seconds)
        await self.order("clock", advance_seconds=0)

    async def until_status(self, contract_no: str, status: int) -> None:
        await eventually(lambda: self.state.records.contracts[contract_no].status == status)

    async def until_signed_by(self, contract_no: str, count: int) -> None:
        await eventually(lambda: sum(s.status == 2 for s in self.state.records.contracts[contract_no].signers) == count)


@dataclass(frozen=True)
class SigningOrder:
    """A contract with its signing attempt, as the domain passes it to the provider."""

    contract: Contract
    attempt: SigningAttempt

    @property
    def no(self) -> str:
        return self.attempt.contract_no


def an_order(client: EsignClient, number: int = 1, *, training: bool = False, **terms: Any) -> SigningOrder:
    contract = a_contract(number, training=training).with_terms(terms)
    contract = contract.model_copy(update=with_attempt(contract))
    assert contract.esign_attempt is not None
    template = TRAINING_TEMPLATE if training else HOUSEKEEPING_TEMPLATE
    parties = signing_parties(contract, client.agency())
    signers = build_signers(contract.id, 1, parties, tuple(map(client.account_of, parties)))
    attempt = contract.esign_attempt.model_copy(update={"template_no": template})
    return SigningOrder(contract.model_copy(update={"signers": signers, "esign_attempt": attempt}), attempt)


async def send(client: EsignClient, order: SigningOrder) -> None:
    """Register the parties, create the contract and add its signers. Idempotent."""
    for party in signing_parties(order.contract, client.agency()):
        await client.register(party)
    await create(client, order)
    await client.add_signers(order.attempt, order.contract.signers)


async def create(client: EsignClient, order: SigningOrder, title: str = "王芳月嫂服务合同") -> None:
    values = fill_template(await client.template(order.attempt.template_no), order.contract)
    await client.create(order.attempt, title, values)


async def signed(provider: SimulatedProvider, client: EsignClient, order: SigningOrder) -> None:
    """Send the contract and have all parties sign it."""
    await send(client, order)
    await provider.do(order.no, "sign", order=1)
    await provider.do(order.no, "sign", order=2)
    await provider.until_status(order.no, 2)


async def downloaded(client: EsignClient, contract_no: str) -> bytes:
    async with client.download(contract_no) as path:
        return path.read_bytes()


@asynccontextmanager
async def simulated(state_file: Path | None = None) -> AsyncIterator[SimulatedProvider]:
    clock, listener = SettableClock(), CallbackListener()
    merchants = {SIMULATED_APP_ID: KEYS.merchant.public_key()}
    app = create_app(merchants, KEYS.platform, lambda: clock.now().timestamp(), state_file)
    agency = web.Application()
    agency.router.add_post("/told", listener.receive)
    async with TestServer(app) as server, TestServer(agency) as listening, aiohttp.ClientSession() as session:
        listener.url = str(listening.make_url("/told"))
        yield SimulatedProvider(str(server.make_url("")).rstrip("/"), app[STATE], clock, session, listener)
