"""Answers with the content of files that others have uploaded: sent by the kernel, and harmless in a browser."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from domain.files.links import ServedFile
from http_api.core.file_response import disposition

_SLOWEST_BYTES_PER_SECOND: Final = 32 * 1024
_LEAST_SECONDS: Final = 60.0
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


class ContentResponse(web.FileResponse):
    """Ranges are served, too. A client that takes its content too slowly is cut off: what the kernel sends from a file
    is in no buffer that the connection could watch."""

    def __init__(self, file: ServedFile, deadline_seconds: float | None = None) -> None:
        shown = "inline" if file.served.inline else "attachment"
        super().__init__(
            file.path,
            headers={
                "Content-Type": file.served.content_type,
                "Content-Disposition": disposition(shown, file.served.file_name),
                "Content-Security-Policy": _SANDBOX,
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-site",
                "Cache-Control": f"private, max-age={file.seconds}",
            },
        )
        self._seconds = deadline_seconds or _LEAST_SECONDS + file.size / _SLOWEST_BYTES_PER_SECOND

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await super().prepare(request)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the client takes its content too slowly") from None
