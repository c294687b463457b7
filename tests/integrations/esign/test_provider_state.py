"""The provider's codes, states, times and timeouts, as domain values and errors."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from domain.contracts.errors import SigningMissing, SigningRefused, TemplateMissing
from domain.contracts.signing.model import Party
from domain.contracts.statuses import ProviderStatus, SignerRole, SignerState
from domain.shared.errors import DomainError, UpstreamFailed, UpstreamTimedOut
from integrations.esign.client import EsignClient
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE
from tests.domain.contracts.builders import id_card
from tests.integrations.esign.simulated import SigningOrder, SimulatedProvider, an_order, create, downloaded, send
from tests.integrations.esign.test_http import answering

W, S, D, R = SignerState.WAITING, SignerState.SIGNING, SignerState.SIGNED, SignerState.REJECTED
Act = Callable[[EsignClient, SigningOrder], Awaitable[Any]]

STRANGER, CREATE, ADD = "/v2/user/addStranger", "/contract/createContract", "/contract/addSigner"
GET, WITHDRAW, VOID = "/contract/getContract", "/contract/withdraw", "/contract/cancellation"
PREVIEW, DOWNLOAD = "/contract/previewContract", "/contract/downloadContract"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, ProviderStatus.WAITING),
        (1, ProviderStatus.SIGNING),
        (2, ProviderStatus.COMPLETE),
        (3, ProviderStatus.EXPIRED),
        (4, ProviderStatus.REJECTED),
        (5, ProviderStatus.UNCLEAR),
        (6, ProviderStatus.VOIDED),
        (7, ProviderStatus.WITHDRAWN),
        (-2, ProviderStatus.UNCLEAR),
        (-3, ProviderStatus.FAILED),
        (99, ProviderStatus.UNCLEAR),
    ],
)
async def test_every_status_code_has_its_status(
    provider: SimulatedProvider, client: EsignClient, code: int, status: ProviderStatus
) -> None:
    order = an_order(client)
    await send(client, order)
    provider.state.records.contracts[order.no].status = code

    state = await client.state_of(order.no)

    assert (state.status, state.provider_code) == (status, str(code))


async def test_code_3_of_a_signer_means_waiting_and_4_rejected(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client)
    await send(client, order)
    rows = provider.state.records.contracts[order.no].signers

    states = []
    for code in (1, 2, 3, 4, 9):
        rows[0].status, rows[0].finished_at = code, None
        states.append((await client.state_of(order.no)).signers[0].state)

    assert states == [S, D, W, R, W]


CALLS: list[tuple[str, Act]] = [
    (STRANGER, lambda client, order: client.register(_customer())),
    (CREATE, create),
    (ADD, lambda client, order: client.add_signers(order.attempt, order.contract.signers)),
    (GET, lambda client, order: client.state_of(order.no)),
    (WITHDRAW, lambda client, order: client.withdraw(order.no, "改期")),
    (VOID, lambda client, order: client.void(order.no)),
    (PREVIEW, lambda client, order: client.preview(order.no, order.contract.signers[0].account)),
    (DOWNLOAD, lambda client, order: downloaded(client, order.no)),
    ("/template/list", lambda client, order: client.templates()),
    ("/template/data", lambda client, order: client.template(HOUSEKEEPING_TEMPLATE)),
]


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (-1, UpstreamFailed),
        (0, UpstreamFailed),
        (100016, UpstreamFailed),
        (123456, UpstreamFailed),
        (100004, SigningRefused),
        (100050, TemplateMissing),
        (100061, SigningRefused),
        (100066, SigningMissing),
        (100082, SigningRefused),
        (100084, SigningRefused),
        (100577, SigningRefused),
        (100579, SigningRefused),
        (100626, SigningRefused),
        (100629, SigningRefused),
    ],
)
@pytest.mark.parametrize(("path", "act"), CALLS, ids=[path for path, _ in CALLS])
async def test_an_error_code_has_the_same_meaning_in_every_call(
    provider: SimulatedProvider, client: EsignClient, path: str, act: Act, code: int, failure: type[DomainError]
) -> None:
    await provider.fault(path, code=code)

    with pytest.raises(DomainError) as raised:
        await act(client, an_order(client))

    assert type(raised.value) is failure
    assert raised.value.details == {"providerCode": code}


@pytest.mark.parametrize(("path", "act"), CALLS, ids=[path for path, _ in CALLS])
async def test_a_silent_provider_times_out_in_every_call(provider: SimulatedProvider, path: str, act: Act) -> None:
    order = an_order(provider.client())
    if path != CREATE:
        await send(provider.client(), order)
    await provider.fault(path, delay_seconds=5)

    with pytest.raises(UpstreamTimedOut):
        await act(provider.client(total_seconds=0.2), order)


@pytest.mark.parametrize(
    "data", ['"x"', "null", "[]", '{"status": "soon"}', '{"signUser": []}', '{"status": 1, "signUser": [{}]}']
)
async def test_a_malformed_state_is_a_failure(provider: SimulatedProvider, data: str) -> None:
    async def malformed(request: web.Request) -> web.StreamResponse:
        return web.Response(text=f'{{"code": 100000, "data": {data}}}')

    async with answering(malformed) as url:
        client = provider.client(url)
        for ask in (client.state_of("CON-1"), client.templates(), client.preview("CON-1", "a")):
            with pytest.raises(UpstreamFailed):
                await ask


async def test_both_time_formats_of_the_provider_are_parsed(provider: SimulatedProvider) -> None:
    times = iter(["2026-05-01 16:00:00", "1777622400000", "", None])

    async def finished(request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": 100000, "data": {"status": 2, "signFinishedTime": next(times)}})

    async with answering(finished) as url:
        client = provider.client(url)
        read = [(await client.state_of("CON-1")).finished_at for _ in range(4)]

    assert read == [provider.clock.now(), provider.clock.now(), None, None]


def _customer() -> Party:
    return Party(role=SignerRole.CUSTOMER, name="王芳", phone="13800138000", id_card=id_card())
