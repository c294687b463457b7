"""Object storage in a bucket of Tencent COS, which is private: its content is reached by signed addresses only."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException

from domain.files.errors import UploadIncomplete
from domain.files.parts import StoredPart
from domain.shared.errors import UpstreamFailed
from domain.shared.ports import Clock
from integrations.disk_space import disk_failures
from integrations.provider_http import with_retries
from integrations.tencent.cos.direct import CosDirectAccess
from integrations.tencent.cos.http import CosHttp, CosRefused, parsed

MAX_TRIES: Final = 3
_PIECE_BYTES: Final = 256 * 1024
_NO_UPLOAD: Final = "NoSuchUpload"
Result = TypeVar("Result")


class CosObjectStorage:
    """Implements `ObjectStorage`. Every call may be repeated, so failures are retried."""

    def __init__(self, cos: CosHttp, clock: Clock, pause_seconds: float = 0.1) -> None:
        self.direct: Final = CosDirectAccess(cos, clock)
        self._cos = cos
        self._pause_seconds = pause_seconds

    async def store(self, key: str, source: Path, content_type: str) -> None:
        headers = {"content-type": content_type, "content-md5": await asyncio.to_thread(_md5_of, source)}
        await self._tried(lambda: self._cos.call("PutObject", "PUT", key, headers=headers, content=source))

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._delete(key)

    async def _delete(self, key: str) -> None:
        await self._tried(lambda: self._cos.call("DeleteObject", "DELETE", key))

    async def exists(self, key: str) -> bool:
        try:
            await self._tried(lambda: self._cos.call("HeadObject", "HEAD", key))
        except CosRefused as refused:
            if refused.is_missing:
                return False
            raise
        return True

    def local_path(self, key: str) -> None:
        return None

    async def fetch(self, key: str, directory: Path) -> Path:
        path = directory / "copy"
        try:
            with disk_failures():
                await self._tried(lambda: self._download(key, path))
        except CosRefused as refused:
            if refused.is_missing:
                raise UploadIncomplete from None
            raise
        return path

    async def _download(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            async with self._cos.open("GetObject", "GET", key, size=2**28) as response:
                async for piece in response.content.iter_chunked(_PIECE_BYTES):
                    await asyncio.to_thread(file.write, piece)

    # parts

    async def begin_parts(self, key: str) -> str:
        body = await self._tried(lambda: self._cos.call("InitiateMultipartUpload", "POST", key, {"uploads": ""}))
        storage_id = _root_of(body).findtext("UploadId")
        if not storage_id:
            raise UpstreamFailed
        return storage_id

    async def store_part(self, key: str, storage_id: str, number: int, source: Path) -> None:
        headers = {"content-md5": await asyncio.to_thread(_md5_of, source)}
        params = {"partNumber": str(number), "uploadId": storage_id}
        await self._tried(lambda: self._cos.call("UploadPart", "PUT", key, params, headers, source))

    async def parts(self, key: str, storage_id: str) -> Sequence[StoredPart]:
        return [
            StoredPart(number=int(part.findtext("PartNumber", "0")), size=int(part.findtext("Size", "0")))
            for part in await self._part_elements(key, storage_id)
        ]

    async def join_parts(self, key: str, storage_id: str) -> None:
        found = await self._part_elements(key, storage_id)
        try:
            if found:
                await self._tried(lambda: self._join(key, storage_id, found))
                return
        except CosRefused as refused:
            if refused.cos_code != _NO_UPLOAD:
                raise
        if not await self.exists(key):  # otherwise an earlier call has joined them, and its answer was lost
            raise UploadIncomplete

    async def _join(self, key: str, storage_id: str, parts: Sequence[Element]) -> None:
        request = Element("CompleteMultipartUpload")
        for part in parts:
            element = SubElement(request, "Part")
            for name in ("PartNumber", "ETag"):
                SubElement(element, name).text = part.findtext(name)
        headers = {"content-type": "application/xml"}
        answer = await self._cos.call(
            "CompleteMultipartUpload", "POST", key, {"uploadId": storage_id}, headers, tostring(request)
        )
        if _root_of(answer).tag.rpartition("}")[2] == "Error":  # joining takes long, so that the status is sent before
            raise UpstreamFailed

    async def drop_parts(self, key: str, storage_id: str) -> None:
        try:
            await self._tried(lambda: self._cos.call("AbortMultipartUpload", "DELETE", key, {"uploadId": storage_id}))
        except CosRefused as refused:
            if refused.cos_code != _NO_UPLOAD:
                raise

    async def _part_elements(self, key: str, storage_id: str) -> list[Element]:
        found: list[Element] = []
        params = {"uploadId": storage_id}
        while True:
            try:
                body = await self._tried(lambda: self._cos.call("ListParts", "GET", key, dict(params)))
            except CosRefused as refused:
                if refused.cos_code == _NO_UPLOAD:
                    return []
                raise
            page = _root_of(body)
            found += page.findall("Part")
            if page.findtext("IsTruncated") != "true":
                return found
            params["part-number-marker"] = page.findtext("NextPartNumberMarker", "")

    async def _tried(self, call: Callable[[], Awaitable[Result]]) -> Result:
        return await with_retries(call, _is_passing, MAX_TRIES, self._pause_seconds)


def _is_passing(failure: Exception) -> bool:
    """Retries failures of the connection and of a busy server; other refusals are final."""
    return failure.status >= 500 if isinstance(failure, CosRefused) else isinstance(failure, UpstreamFailed)


def _root_of(body: bytes) -> Element:
    """Raises UpstreamFailed for a body that is not plain XML."""
    try:
        return parsed(body)
    except (ParseError, DefusedXmlException):
        raise UpstreamFailed from None


def _md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "md5").digest()).decode()
