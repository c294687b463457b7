"""Answers with the content of files that others have uploaded: sent by the kernel, and harmless in a browser."""

import asyncio
from typing import Final
from urllib.parse import quote

from aiohttp import web

from domain.files.links import ServedFile

_SLOWEST_BYTES_PER_SECOND: Final = 32 * 1024
_LEAST_SECONDS: Final = 60.0
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


async def send_content(request: web.Request, file: ServedFile, seconds: int) -> web.StreamResponse:
    """Ranges are served, too. A client that takes its content too slowly is cut off."""
    shown = "inline" if file.served.inline else "attachment"
    response = web.FileResponse(
        file.path,
        headers={
            "Content-Type": file.served.content_type,
            "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(file.served.file_name, safe='')}",
            "Content-Security-Policy": _SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-site",
            "Cache-Control": f"private, max-age={seconds}",
        },
    )
    # Here and not by the connection: what the kernel sends from a file is in no buffer that could be watched.
    async with asyncio.timeout(_LEAST_SECONDS + file.size / _SLOWEST_BYTES_PER_SECOND):
        await response.prepare(request)
    return response
