"""Callbacks of providers: every accepted form, and no fields from any other body."""

import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from http_api.core.body_errors import BodyTooLarge
from http_api.core.provider_callbacks import MAX_BODY_BYTES, MAX_FIELDS, MAX_VALUE_LENGTH, callback_fields

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def sent(body: Any, content_type: str, encoding: str = "identity") -> tuple[int, Any]:
    """The status, and the fields that were read."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await callback_fields(request))
        except BodyTooLarge:
            return web.Response(status=413)

    app = web.Application()
    app.router.add_post("/", answer)
    async with TestClient(TestServer(app)) as client:
        response = await client.post(
            "/", data=body, headers={"Content-Type": content_type, "Content-Encoding": encoding}
        )
        return response.status, await response.json() if response.status == 200 else None


async def read(body: bytes, content_type: str, encoding: str = "identity") -> Any:
    status, fields = await sent(body, content_type, encoding)
    assert status == 200
    return fields


def part(header: str = "X-Nothing: 1", name: str = "a", value: str = "v") -> bytes:
    """A multipart body of one part, with one more header."""
    disposition = f'Content-Disposition: form-data; name="{name}"'
    return f"--x\r\n{disposition}\r\n{header}\r\n\r\n{value}\r\n--x--\r\n".encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"event=room_close&room_id=r1", FORM),
        (b'{"event": "room_close", "room_id": "r1"}', JSON),
        (b"%7B%22event%22%3A%22room_close%22%2C%22room_id%22%3A%22r1%22%7D", JSON),
        (b'{"event": "room_close", "room_id": "r1"}', "text/plain"),
    ],
)
async def test_a_callback_is_read_in_each_of_its_forms(body: bytes, content_type: str) -> None:
    assert await read(body, content_type) == {"event": "room_close", "room_id": "r1"}


async def test_numbers_and_lists_become_text_and_null_is_left_out() -> None:
    assert await read(b'{"a": 1, "b": [1, 2], "c": null}', JSON) == {"a": "1", "b": "[1,2]"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"[1]", JSON),
        (b"{", JSON),
        (b"\xff\xfe", JSON),
        (b'{"a": "\\ud800"}', JSON),
        (b"[" * 10_000, JSON),
        (b"a=b", f"{FORM}; charset=bogus"),
        (b"a=%ff", f"{FORM}; charset=utf-16"),
        (b"no parts", "multipart/form-data; boundary=x"),
        (part("Content-Type: application/json"), "multipart/form-data; boundary=x"),
        (part("Content-Transfer-Encoding: bogus"), "multipart/form-data; boundary=x"),
        (part(name="_charset_", value="9" * 99), "multipart/form-data; boundary=x"),
        (b"no boundary", "multipart/form-data"),
        (json.dumps({f"f{number}": "x" for number in range(MAX_FIELDS + 1)}).encode(), JSON),
        (json.dumps({"a": "x" * (MAX_VALUE_LENGTH + 1)}).encode(), JSON),
    ],
)
async def test_an_unreadable_body_has_no_fields_and_raises_nothing(body: bytes, content_type: str) -> None:
    assert await read(body, content_type) == {}


async def test_a_body_that_does_not_match_its_content_encoding_has_no_fields() -> None:
    assert await read(b'{"event": "room_close"}', JSON, "gzip") == {}


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 4096):
        yield body[start : start + 4096]


@pytest.mark.parametrize("content_type", [FORM, JSON, "text/plain"])
@pytest.mark.parametrize("pack", [bytes, in_chunks, gzip.compress], ids=["with length", "in chunks", "compressed"])
async def test_no_more_is_read_than_a_real_callback_has(content_type: str, pack: Callable[[bytes], Any]) -> None:
    body = b"a=" + b"x" * MAX_BODY_BYTES

    assert await sent(pack(body), content_type, "gzip" if pack is gzip.compress else "identity") == (413, None)
