"""A signed PDF comes as base64 inside JSON. It is decoded while it arrives, into a file, and checked as a whole."""

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
from domain.shared.errors import UpstreamFailed
from integrations.esign.codes import SUCCESS, EsignRefused, failure_of

MOST_BYTES: Final = 50 * 1024 * 1024
_LARGEST_SHELL: Final = 64 * 1024
_LONG_TEXT: Final = 4096
"""A string longer than this is the document; nothing else in the answer is."""


@asynccontextmanager
async def signed_pdf(answer: AbstractAsyncContextManager[StreamReader]) -> AsyncIterator[Path]:
    """Raises NotSignedYet, SigningMissing, UpstreamFailed. The file is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="contract-") as directory:
        path = Path(directory) / "contract.pdf"
        with path.open("wb") as file:
            async with answer as content:
                shell = await _unpacked(content, file)
        _check(shell, path)
        yield path


async def _unpacked(content: StreamReader, file: IO[bytes]) -> dict[str, Any]:
    """The answer without its document, which is in the file."""
    unpacker = _Unpacker(file)
    async for chunk in content.iter_chunked(64 * 1024):
        await asyncio.to_thread(unpacker.feed, chunk)
    unpacker.finish()
    shell = json.loads(bytes(unpacker.shell))
    if not isinstance(shell, dict):
        raise ValueError("not an answer of the provider")
    data = shell.get("data")
    if not unpacker.size and isinstance(data, dict) and isinstance(data.get("data"), str):
        unpacker.take(data["data"].encode())  # too short to have been noticed on its way
    return {**shell, "_md5": unpacker.md5.hexdigest(), "_size": unpacker.size}


class _Unpacker:
    """Splits JSON into its shell and the one very long string in it."""

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
        if len(self.shell) > _LARGEST_SHELL or self.size > MOST_BYTES:
            raise ValueError("the answer is too long")

    def finish(self) -> None:
        if self._in_string:
            raise ValueError("the answer ends in a string")

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
        if self._streaming or len(self._text) > _LONG_TEXT:
            self._streaming = True
            self._decode(last=end >= 0)
        if end < 0:
            return len(chunk)
        self.shell += self._text + b'"'
        self._text.clear()
        self._in_string = False
        return end + 1

    def _closing_quote(self, chunk: bytes, start: int) -> int:
        if self._escaped:  # the last chunk ended between a backslash and what it escapes
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
        # Some write / as \/ and break lines; neither is part of the base64.
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


def _check(shell: dict[str, Any], path: Path) -> None:
    """A document that differs by one bit from what the provider has is no document."""
    code, data = shell.get("code"), shell.get("data")
    if type(code) is int and code != SUCCESS:
        raise failure_of(EsignRefused("downloadContract", code))
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
