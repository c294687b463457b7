"""The logs of requests: routes and declared ids, never codes, phone numbers or queries; no errors by clients."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from yarl import URL

from http_api.core.middleware import RequestObserver
from tests.contract_api import ContractApi, StaffMember
from tests.product_logs import ProductLogs, product_logs
from tests.waiting import eventually

CODE = "eyAbCdEf-0123456789_xyzXYZ"
PHONE = "13812345678"
ID = "65f0c0ffee0000000000beef"
JUNK = b"\x00\x01 this is no gzip at all"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[ProductLogs]:
    with product_logs(tmp_path) as logs:
        yield logs


async def test_no_line_has_an_invitation_code_a_phone_number_or_a_query(
    admin: StaffMember, api: ContractApi, logs: ProductLogs
) -> None:
    await api.call("POST", f"/api/interview/invites/{CODE}/redeem", {})
    await api.call("GET", f"/api/interview/i/{CODE}")
    await api.call("GET", f"/api/interview/i/{CODE}/unknown", query={"phone": PHONE})
    await api.call("GET", "/socket.io/", query={"EIO": "4", "transport": "polling", "sid": CODE})
    await admin.call("GET", f"/contracts/check-customer/{PHONE}")
    await admin.call("GET", f"/contracts/{PHONE}")
    await admin.call("GET", f"/contracts/{CODE}")

    assert [line["route"] for line in logs.lines("access")] == [
        "/api/interview/invites/{code}/redeem",
        "/api/interview/i/{code}",
        "unknown",
        "/socket.io/",
        "/api/contracts/check-customer/{phone}",
        "/api/contracts/{contract_id}",
        "/api/contracts/{contract_id}",
    ]
    assert CODE not in logs.text
    assert PHONE[:3] not in "".join(str(line.get("params", "")) + line["route"] for line in logs.lines("access"))
    assert "path" not in logs.lines("access")[0]


async def test_a_line_has_the_ids_that_a_route_declares_loggable(admin: StaffMember, logs: ProductLogs) -> None:
    await admin.call("GET", f"/contracts/{ID}")
    await admin.call("GET", "/interview/rooms/room-7")

    assert [line["params"] for line in logs.lines("access")] == [{"contract_id": ID}, {"room_id": "room-7"}]


async def broken(request: web.Request) -> web.Response:
    raise RuntimeError("a fault of ours")


@pytest.fixture
async def faulty() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """A server whose only route has a fault, behind the product's middleware."""
    observer = RequestObserver(CollectorRegistry(), 3.0, lambda request: request.remote or "")
    app = web.Application(middlewares=[observer.middleware])
    app.router.add_get("/api/interview/i/{code}", broken)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_the_line_of_a_fault_has_the_route_and_the_stack(
    faulty: TestClient[web.Request, web.Application], logs: ProductLogs
) -> None:
    answer = await faulty.get(f"/api/interview/i/{CODE}?phone={PHONE}")

    [line] = logs.errors
    assert (answer.status, line["message"], line["route"]) == (500, "request.exception", "/api/interview/i/{code}")
    assert "a fault of ours" in line["stack"]
    assert CODE not in logs.text


PATHS = ["/", "/nowhere", "/health/live", "/api/auth/login", "/api/esign/callback", "/api/contracts", "/socket.io/"]


async def test_a_body_that_does_not_match_its_encoding_is_no_error_of_ours(
    admin: StaffMember, api: ContractApi, logs: ProductLogs
) -> None:
    headers = f"Content-Encoding: gzip\r\nContent-Length: 500\r\nAuthorization: Bearer {admin.token}"
    answers = []
    for method, path in [(method, path) for method in ("GET", "POST") for path in PATHS]:
        reader, writer = await connected(api)
        writer.write(request(method, path, headers) + b"this is no gzip at all")
        answers.append(await reader.readline())
        writer.write(b"\0" * 478)  # aiohttp reads the rest of the body after its answer
        writer.close()
    await until_handled()

    assert [line for line in answers if b" 500 " in line] == []
    assert logs.errors == []


async def test_a_poll_with_a_body_that_does_not_match_its_encoding_is_refused(
    api: ContractApi, logs: ProductLogs
) -> None:
    opened = await api.call("GET", "/socket.io/", query={"EIO": "4", "transport": "polling"})
    sid = opened.body.partition('"sid":"')[2].partition('"')[0]
    url = f"{api.url}/socket.io/?EIO=4&transport=polling&sid={sid}"

    async with api.http.post(url, data=JUNK, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 400

    assert logs.errors == []


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_an_upload_that_the_client_aborts_is_no_error_of_ours(
    api: ContractApi, logs: ProductLogs, reset: bool
) -> None:
    for path in PATHS:
        _, writer = await connected(api)
        writer.write(request("POST", path, "Content-Length: 5000") + b'{"username": "')
        await eventually(is_handled)
        if reset:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        await until_handled()

    assert logs.errors == []
    assert {line["status"] for line in logs.lines("access")} <= {400, 401, 404, 405, 499}


async def connected(api: ContractApi) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = URL(api.url)
    return await asyncio.open_connection(url.host, url.port)


def request(method: str, path: str, headers: str) -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", headers, "", "")
    return "\r\n".join(lines).encode()


def is_handled() -> bool:
    """The server has an open connection."""
    return any(getattr(each.get_coro(), "__qualname__", "") == "RequestHandler.start" for each in asyncio.all_tasks())


async def until_handled() -> None:
    await eventually(lambda: not is_handled())
