"""Sends temporary files as downloads, and names downloads."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from aiohttp import web

from domain.shared.spreadsheets import Export

NONE: Mapping[str, str] = MappingProxyType({})
CHUNK_BYTES = 256 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def disposition(shown: str, name: str) -> str:
    """A value of `Content-Disposition` for a name in any script. `shown`: `inline` or `attachment`."""
    return f"{shown}; filename*=UTF-8''{quote(name, safe='')}"


async def send_export(request: web.Request, export: Export, name: str) -> web.StreamResponse:
    """`X-Audit-Id` names the audit row, as the watermark in the file does."""
    async with export.workbook as path:
        return await send_file(request, path, XLSX, name, {"X-Audit-Id": export.audit_id})


async def send_file(
    request: web.Request, path: Path, content_type: str, name: str, headers: Mapping[str, str] = NONE
) -> web.StreamResponse:
    """Returns after the last byte was sent, so that the caller may remove the file."""
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store", **headers}
    )
    response.content_type = content_type
    with await asyncio.to_thread(path.open, "rb") as file:
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response
