"""The XML API of COS: objects, parts of objects, and upload forms."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import ParseError

from aiohttp import web

from integrations.local.simulators.tencent.cos_auth import require_form, require_signature
from integrations.local.simulators.tencent.cos_errors import CosError, xml_response
from integrations.local.simulators.tencent.state import Fault, SimObject, SimulatorState
from integrations.tencent.cos.http import parsed

SMALLEST_PART: Final = 1024 * 1024
LARGEST_PART: Final = 10_000
MAX_KEY_BYTES: Final = 850
PARTS_OF_A_PAGE: Final = 1000
_ALLOWED: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "PUT, POST, GET",
    "Access-Control-Allow-Headers": "*",
}

Operation = Callable[[web.Request, str, bytes], web.Response]


class CosApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """As a bucket whose rules (CORS) allow pages of every origin."""
        response = web.Response() if request.method == "OPTIONS" else await self._handle(request)
        if "Origin" in request.headers:
            response.headers.update(_ALLOWED)
        return response

    async def _handle(self, request: web.Request) -> web.Response:
        name, operation = self._operation(request)
        fault = self._state.next_fault(name) or Fault()
        try:
            if fault.code:
                raise CosError(fault.code, fault.status)
            response = await self._answer(request, operation)
        except CosError as error:
            response = error.response(request)
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.lose_answer and request.transport is not None:
            request.transport.abort()
        return response

    async def _answer(self, request: web.Request, operation: Operation | None) -> web.Response:
        if operation is None:
            return await self._post_object(request)
        require_signature(self._state, request)
        key = request.path.removeprefix("/")
        if not key:
            raise CosError("MethodNotAllowed")
        if len(key.encode()) > MAX_KEY_BYTES:
            raise CosError("KeyTooLong")
        body = await request.read()
        sent = request.headers.get("Content-MD5")
        if sent and sent != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
            raise CosError("BadDigest")
        return operation(request, key, body)

    def _operation(self, request: web.Request) -> tuple[str, Operation | None]:
        """Its name, and what does it; None for an upload form."""
        has = request.query.__contains__
        match request.method:
            case "POST" if has("uploads"):
                return "InitiateMultipartUpload", self._initiate
            case "POST" if has("uploadId"):
                return "CompleteMultipartUpload", self._complete
            case "POST":
                return "PostObject", None
            case "PUT" if has("uploadId"):
                return "UploadPart", self._upload_part
            case "PUT":
                return "PutObject", self._put
            case "DELETE" if has("uploadId"):
                return "AbortMultipartUpload", self._abort
            case "DELETE":
                return "DeleteObject", self._delete
            case "GET" if has("uploadId"):
                return "ListParts", self._list_parts
            case "GET" | "HEAD":
                return "HeadObject" if request.method == "HEAD" else "GetObject", self._get
            case _:
                return "Other", self._refuse

    def _refuse(self, request: web.Request, key: str, body: bytes) -> web.Response:
        raise CosError("MethodNotAllowed")

    # objects

    def _put(self, request: web.Request, key: str, body: bytes) -> web.Response:
        stored = self._state.objects[key] = SimObject.of(body, request.headers.get("Content-Type", ""))
        return web.Response(headers={"ETag": stored.etag})

    def _get(self, request: web.Request, key: str, body: bytes) -> web.Response:
        stored = self._state.objects.get(key)
        if stored is None:
            raise CosError("NoSuchKey")
        query = request.query
        headers = {
            "ETag": stored.etag,
            "Accept-Ranges": "bytes",
            "Content-Type": query.get("response-content-type", stored.content_type or "application/octet-stream"),
        }
        for name in ("Content-Disposition", "Cache-Control"):
            if (value := query.get(f"response-{name.lower()}")) is not None:
                headers[name] = value
        wanted = request.http_range
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=stored.content, headers=headers)
        part = stored.content[wanted]
        if not part:
            raise CosError("InvalidRange")
        return web.Response(body=part, status=206, headers=headers)

    def _delete(self, request: web.Request, key: str, body: bytes) -> web.Response:
        self._state.objects.pop(key, None)
        return web.Response(status=204)

    async def _post_object(self, request: web.Request) -> web.Response:
        if request.content_type != "multipart/form-data":
            raise CosError("MethodNotAllowed")
        form = await request.post()
        sent = form.get("file")
        if not isinstance(sent, web.FileField):
            raise CosError("InvalidArgument")
        content = sent.file.read()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        require_form(self._state, fields, len(content))
        stored = self._state.objects[fields["key"]] = SimObject.of(content, fields.get("Content-Type", ""))
        return web.Response(status=204, headers={"ETag": stored.etag})

    # parts

    def _initiate(self, request: web.Request, key: str, body: bytes) -> web.Response:
        upload_id = self._state.begin_upload(key)
        parts = {"Bucket": self._state.account.bucket, "Key": key, "UploadId": upload_id}
        return xml_response("InitiateMultipartUploadResult", parts)

    def _upload_part(self, request: web.Request, key: str, body: bytes) -> web.Response:
        number = request.query.get("partNumber", "")
        if not number.isdecimal() or not 1 <= int(number) <= LARGEST_PART:
            raise CosError("InvalidArgument")
        stored = self._parts(request, key)[int(number)] = SimObject.of(body, "")
        return web.Response(headers={"ETag": stored.etag})

    def _list_parts(self, request: web.Request, key: str, body: bytes) -> web.Response:
        after = int(request.query.get("part-number-marker", "0"))
        parts = {number: part for number, part in sorted(self._parts(request, key).items()) if number > after}
        page = list(parts.items())[:PARTS_OF_A_PAGE]
        inner = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{part.etag}</ETag><Size>{len(part.content)}</Size></Part>"
            for number, part in page
        )
        rest = {"IsTruncated": "true" if len(parts) > len(page) else "false"}
        if page:
            rest["NextPartNumberMarker"] = str(page[-1][0])
        return xml_response("ListPartsResult", rest, inner=inner)

    def _complete(self, request: web.Request, key: str, body: bytes) -> web.Response:
        parts = self._parts(request, key)
        try:
            wanted = [
                (int(part.findtext("PartNumber", "")), part.findtext("ETag")) for part in parsed(body).findall("Part")
            ]
        except (ParseError, ValueError):
            raise CosError("MalformedXML") from None
        numbers = [number for number, _ in wanted]
        if not wanted or numbers != sorted(set(numbers)):
            raise CosError("InvalidArgument")
        if any(number not in parts or parts[number].etag != etag for number, etag in wanted):
            raise CosError("InvalidPart")
        contents = [parts[number].content for number in numbers]
        if any(len(content) < SMALLEST_PART for content in contents[:-1]):
            raise CosError("EntityTooSmall")
        self._state.objects[key] = SimObject.of(b"".join(contents), "")
        del self._state.uploads[request.query["uploadId"]]
        return xml_response("CompleteMultipartUploadResult", {"Key": key})

    def _abort(self, request: web.Request, key: str, body: bytes) -> web.Response:
        self._parts(request, key)
        del self._state.uploads[request.query["uploadId"]]
        return web.Response(status=204)

    def _parts(self, request: web.Request, key: str) -> dict[int, SimObject]:
        found = self._state.uploads.get(request.query["uploadId"])
        if found is None or found[0] != key:
            raise CosError("NoSuchUpload")
        return found[1]
