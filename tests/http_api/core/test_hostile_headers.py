"""Headers with invalid bytes cause no internal error."""

import asyncio
import json

from yarl import URL

from tests.contract_api import StaffMember, housekeeping_form

INVALID_BYTES = b"\xff\xfe\x80"


async def status_of(member: StaffMember, method: str, path: str, headers: dict[str, bytes], body: bytes = b"") -> int:
    """The status of a raw request, because HTTP clients refuse to send such headers."""
    url = URL(member.api.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    sent = {
        "Host": b"localhost",
        "Connection": b"close",
        "Authorization": f"Bearer {member.token}".encode(),
        "Content-Type": b"application/json",
        "Content-Length": str(len(body)).encode(),
        **headers,
    }
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in sent.items())
    writer.write(f"{method} /api{path} HTTP/1.1\r\n".encode() + lines + b"\r\n" + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def test_headers_with_invalid_bytes_cause_no_error(admin: StaffMember) -> None:

    body = json.dumps(housekeeping_form()).encode()
    statuses = {
        name: await status_of(admin, "POST", "/contracts/miniprogram/validate", {name: INVALID_BYTES}, body)
        for name in ("User-Agent", "Accept-Language", "X-Request-Id", "X-Forwarded-For", "X-Service-Secret", "Origin")
    }
    refused = await status_of(admin, "GET", "/contracts", {"Authorization": b"Bearer " + INVALID_BYTES})

    assert set(statuses.values()) == {200}, statuses
    assert refused == 401


async def test_a_change_with_an_invalid_user_agent_is_stored_with_its_audit_row(admin: StaffMember) -> None:

    body = json.dumps(housekeeping_form()).encode()
    made = await status_of(admin, "POST", "/contracts/miniprogram/create", {"User-Agent": INVALID_BYTES}, body)
    key = await status_of(admin, "POST", "/contracts/miniprogram/create", {"Idempotency-Key": INVALID_BYTES * 4}, body)

    assert (made, key) == (201, 400)
