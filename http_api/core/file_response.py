"""Sends temporary files as downloads."""

import asyncio
import os
from pathlib import Path

from aiohttp import web

CHUNK_BYTES = 256 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def send_file(request: web.Request, path: Path, content_type: str, name: str) -> web.StreamResponse:
    """Returns after the last byte was sent, so that the caller may remove the file."""
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    )
    response.content_type = content_type
    with await asyncio.to_thread(path.open, "rb") as file:
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response
