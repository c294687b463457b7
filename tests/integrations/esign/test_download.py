"""Downloading the signed PDF: streamed into a file and verified."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import StreamReader
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contracts.errors import NotSignedYet, SigningMissing, SigningRefused
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.esign import download
from integrations.esign.client import EsignClient
from integrations.esign.download import signed_pdf
from tests.integrations.esign.simulated import SimulatedProvider, an_order, downloaded, signed
from tests.integrations.esign.test_http import Respond, answering, text

DOCUMENT = b"%PDF-1.4\n" + bytes(range(256)) * 40
DOWNLOAD = "/contract/downloadContract"


def answer(document: bytes = DOCUMENT, **changes: Any) -> dict[str, Any]:
    data = {
        "fileName": "合同.pdf",
        "md5": hashlib.md5(document, usedforsecurity=False).hexdigest(),
        "fileType": 0,
        "size": len(document),
        "data": base64.b64encode(document).decode(),
        **changes,
    }
    return {"code": 100000, "msg": "成功", "data": data}


async def test_a_fully_signed_contract_can_be_downloaded(provider: SimulatedProvider, client: EsignClient) -> None:
    order = await _signed(provider, client)

    async with client.download(order) as path:
        document = path.read_bytes()

    assert document.startswith(b"%PDF-")
    assert order.encode() in document
    assert not path.exists()


async def test_a_large_document_is_streamed_into_a_file(provider: SimulatedProvider, client: EsignClient) -> None:
    order = await _signed(provider, client)
    await provider.knobs(document_bytes=8 * 1024 * 1024)

    async with client.download(order) as path:
        size = path.stat().st_size

    assert size > 8 * 1024 * 1024


async def test_a_document_above_the_size_limit_is_refused(
    provider: SimulatedProvider, client: EsignClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await _signed(provider, client)
    monkeypatch.setattr(download, "MAX_BYTES", 1024 * 1024)
    await provider.knobs(document_bytes=2 * 1024 * 1024)

    with pytest.raises(UpstreamFailed):
        await downloaded(client, order)


async def test_a_lost_connection_and_a_timeout_are_different_errors(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = await _signed(provider, client)
    await provider.fault(DOWNLOAD, lose_answer=True)
    with pytest.raises(UpstreamFailed):
        await downloaded(client, order)

    await provider.fault(DOWNLOAD, delay_seconds=5)
    with pytest.raises(UpstreamTimedOut):
        await downloaded(provider.client(total_seconds=0.2), order)

    assert [outcome for operation, outcome in provider.calls if operation == "downloadContract"] == [
        "malformed",
        "timeout",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"md5": "0" * 32},
        {"md5": None},
        {"size": len(DOCUMENT) - 1},
        {"size": None},
        {"size": "many"},
        {"data": base64.b64encode(DOCUMENT[:-1]).decode()},
        {"data": base64.b64encode(DOCUMENT).decode()[:-3]},
        {"data": "不是文件" * 2000},
    ],
)
async def test_a_document_with_another_size_or_digest_is_refused(
    provider: SimulatedProvider, changes: dict[str, Any]
) -> None:
    with pytest.raises(UpstreamFailed):
        await _download_from(provider, text(json.dumps(answer(**changes), ensure_ascii=False)))


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"code": 100000}', '{"code": 100000, "data": "', "9" * 100_000])
async def test_a_malformed_response_is_refused(provider: SimulatedProvider, body: str) -> None:
    with pytest.raises(UpstreamFailed):
        await _download_from(provider, text(body))


async def test_a_document_that_is_not_a_pdf_is_refused(provider: SimulatedProvider) -> None:
    with pytest.raises(UpstreamFailed):
        await _download_from(provider, text(json.dumps(answer(b"PK\x03\x04" + b"zip" * 4000))))


async def test_a_response_without_a_document_means_not_signed_yet(provider: SimulatedProvider) -> None:
    with pytest.raises(NotSignedYet):
        await _download_from(provider, text(json.dumps(answer(b""))))


@pytest.mark.parametrize(("code", "failure"), [(100066, SigningMissing), (100061, SigningRefused), (0, UpstreamFailed)])
async def test_an_error_code_of_a_download_is_interpreted(
    provider: SimulatedProvider, code: int, failure: type[UpstreamFailed]
) -> None:
    with pytest.raises(failure) as refused:
        await _download_from(provider, text(json.dumps({"code": code, "msg": "", "data": None})))

    assert type(refused.value) is failure


async def test_a_response_with_another_http_status_is_refused(provider: SimulatedProvider) -> None:
    with pytest.raises(UpstreamFailed):
        await _download_from(provider, text(json.dumps(answer()), status=500))


class Chunks:
    """A connection that delivers its bytes in the given pieces."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


@asynccontextmanager
async def response_in_chunks(raw: bytes, cuts: Sequence[int]) -> AsyncIterator[StreamReader]:
    offsets = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(offsets) if start < end]
    yield cast(StreamReader, Chunks(pieces))


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(0, 20_000),
    cuts=st.lists(st.integers(0, 40_000), max_size=30),
    ascii_only=st.booleans(),
    with_line_breaks=st.booleans(),
    name=st.text(max_size=30),
)
def test_the_document_does_not_depend_on_chunk_boundaries(
    size: int, cuts: list[int], ascii_only: bool, with_line_breaks: bool, name: str
) -> None:
    document = b"%PDF-" + hashlib.shake_128(str(size).encode()).digest(size)
    fields = answer(document)["data"]
    body = json.dumps({"code": 100000, "data": {**fields, "fileName": name, "data": "@"}}, ensure_ascii=ascii_only)
    encoded = fields["data"]
    if with_line_breaks:
        encoded = "\\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76)).replace("/", "\\/")
    raw = body.replace('"@"', f'"{encoded}"').encode(errors="surrogatepass")

    async def read() -> bytes:
        async with signed_pdf(response_in_chunks(raw, cuts)) as path:
            return await asyncio.to_thread(Path(path).read_bytes)

    assert asyncio.run(read()) == document


async def _download_from(provider: SimulatedProvider, respond: Respond) -> bytes:
    async with answering(respond) as url:
        return await downloaded(provider.client(url), "CON-1")


async def _signed(provider: SimulatedProvider, client: EsignClient) -> str:
    order = an_order(client)
    await signed(provider, client, order)
    return order.no
