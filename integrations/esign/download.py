"""Downloads a signed PDF, which arrives as base64 inside JSON: decodes the stream into a file, then verifies it."""

import asyncio
import base64
import binascii
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import IO, Any, Final

from aiohttp import StreamReader

from domain.contracts.errors import NotSignedYet
from domain.contracts.ports import Received
from domain.shared.errors import UpstreamFailed
from integrations.esign.codes import SUCCESS, EsignRefused, domain_error_of

MAX_BYTES: Final = 50 * 1024 * 1024
_MAX_SHELL_BYTES: Final = 64 * 1024
_DOCUMENT_THRESHOLD: Final = 4096
"""A string longer than this is the document; all other strings of the response are shorter."""


@asynccontextmanager
async def signed_pdf(
    answer: AbstractAsyncContextManager[StreamReader], received: Received | None = None
) -> AsyncIterator[Path]:
    """The verified PDF in a temporary file. Raises NotSignedYet, SigningMissing, UpstreamFailed."""
    with tempfile.TemporaryDirectory(prefix="contract-") as directory:
        path = Path(directory) / "contract.pdf"
        with path.open("wb") as file:
            async with answer as content:
                shell = await _extracted(content, file, received)
        _verify(shell, path)
        yield path


async def _extracted(content: StreamReader, file: IO[bytes], received: Received | None) -> dict[str, Any]:
    """The response without its document, which is written to the file."""
    extractor = _DocumentExtractor(file)
    async for chunk in content.iter_chunked(64 * 1024):
        await asyncio.to_thread(extractor.feed, chunk)
        if received is not None:
            received(extractor.size)
    extractor.finish()
    shell = json.loads(bytes(extractor.shell))
    if not isinstance(shell, dict):
        raise ValueError("not a response of the provider")
    data = shell.get("data")
    if not extractor.size and isinstance(data, dict) and isinstance(data.get("data"), str):
        extractor.take(data["data"].encode())  # shorter than _DOCUMENT_THRESHOLD
    return {**shell, "_md5": extractor.md5.hexdigest(), "_size": extractor.size}


class _DocumentExtractor:
    """Splits a JSON stream into its shell and the one very long string in it, the document."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._in_string = False
        self._escaped = False
        self._text = bytearray()
        self._streaming = False
        self.shell = bytearray()
        self.md5 = hashlib.md5(usedforsecurity=False)  # the provider's checksum
        self.size = 0

    def feed(self, chunk: bytes) -> None:
        start = 0
        while start < len(chunk):
            start = self._string(chunk, start) if self._in_string else self._outside(chunk, start)
        if len(self.shell) > _MAX_SHELL_BYTES or self.size > MAX_BYTES:
            raise ValueError("the response is too long")

    def finish(self) -> None:
        if self._in_string:
            raise ValueError("the response ends inside a string")

    def take(self, text: bytes) -> None:
        self._text[:] = text.translate(None, b"\r\n")
        self._decode(last=True)

    def _outside(self, chunk: bytes, start: int) -> int:
        quote = chunk.find(b'"', start)
        if quote < 0:
            self.shell += chunk[start:]
            return len(chunk)
        self.shell += chunk[start : quote + 1]
        self._in_string, self._streaming = True, False
        return quote + 1

    def _string(self, chunk: bytes, start: int) -> int:
        end = self._closing_quote(chunk, start)
        self._text += chunk[start : len(chunk) if end < 0 else end]
        if self._streaming or len(self._text) > _DOCUMENT_THRESHOLD:
            self._streaming = True
            self._decode(last=end >= 0)
        if end < 0:
            return len(chunk)
        self.shell += self._text + b'"'
        self._text.clear()
        self._in_string = False
        return end + 1

    def _closing_quote(self, chunk: bytes, start: int) -> int:
        if self._escaped:  # the last chunk ended with a backslash
            self._escaped, start = False, start + 1
        while True:
            quote, slash = chunk.find(b'"', start), chunk.find(b"\\", start)
            if slash < 0 or 0 <= quote < slash:
                return quote
            if slash + 1 >= len(chunk):
                self._escaped = True
                return -1
            start = slash + 2

    def _decode(self, *, last: bool) -> None:
        # JSON may escape / as \/ and contain line breaks; both are not part of the base64.
        text = bytes(self._text).replace(b"\\/", b"/").replace(b"\\n", b"").replace(b"\\r", b"")
        keep = 0 if last else len(text) % 4 + 4
        whole, rest = (text, b"") if last else (text[:-keep], text[-keep:])
        try:
            data = base64.b64decode(whole, validate=True)
        except binascii.Error as error:
            raise ValueError("the document is not base64") from error
        self._file.write(data)
        self.md5.update(data)
        self.size += len(data)
        self._text[:] = rest


def _verify(shell: dict[str, Any], path: Path) -> None:
    """Raises unless type, size and MD5 digest of the document are those that the provider states."""
    code, data = shell.get("code"), shell.get("data")
    if type(code) is int and code != SUCCESS:
        raise domain_error_of(EsignRefused("downloadContract", code))
    if not isinstance(data, dict):
        raise UpstreamFailed
    if not shell["_size"]:
        raise NotSignedYet
    with path.open("rb") as file:
        is_pdf = file.read(5) == b"%PDF-"
    if not is_pdf or str(data.get("md5", "")).lower() != shell["_md5"] or _size(data) != shell["_size"]:
        raise UpstreamFailed


def _size(data: dict[str, Any]) -> int | None:
    try:
        return int(data["size"])
    except (KeyError, TypeError, ValueError):
        return None
