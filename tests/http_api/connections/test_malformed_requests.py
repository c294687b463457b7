"""Requests that are not valid HTTP are answered with our envelope, without an echo; no answer names the server."""

import logging

import pytest

from http_api.connections.limits import ConnectionLimits
from tests.http_api.connections.raw_client import post, served

LIMITS = ConnectionLimits()
MALFORMED = {
    "no request line": b"secret-8417\r\n\r\n",
    "an unknown method": b"SECRET8417 / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown version": b"GET /secret-8417 HTTP/8.4\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: x\r\nsecret-8417\r\n\r\n",
    "a long line": b"GET /secret-8417" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: x\r\nX: secret-8417" + b"x" * 9_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: secret-8417\r\n" * 200 + b"\r\n",
    "no host": b"GET /secret-8417 HTTP/1.1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nsecret-8417",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n8417",
    "markup": b"GET /<script>8417</script> <b>\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x038417",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_request_is_answered_with_the_envelope_and_without_an_echo(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(LIMITS) as server:
        client = await server.connect(sent)

        answer = await client.answer()

        assert (answer.status, answer.code) == (400, "BAD_REQUEST")
        assert answer.envelope.keys() == {"success", "data", "message", "code", "requestId", "timestamp"}
        assert answer.envelope["requestId"] == answer.headers["X-Request-Id"]
        assert "8417" not in str(answer)
        assert await client.rest() == b""
        assert server.count("http_malformed_requests_total") == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_no_answer_names_the_software_of_the_server() -> None:
    seen: dict[int, str | None] = {}
    async with served(LIMITS) as server:
        for sent in (
            post(1, b"x"),
            b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
            b"PUT / HTTP/1.1\r\nHost: x\r\n\r\n",
            post(300_000, b"x" * 300_000),
            b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 8417\r\n\r\n",
            b"nonsense\r\n\r\n",
        ):
            answer = await (await server.connect(sent)).answer()
            seen[answer.status] = answer.headers.get("Server")
            assert answer.envelope["success"] is (answer.status == 200)

    assert seen == dict.fromkeys((200, 404, 405, 413, 417, 400))
