"""Routes of a contract's document: the preview during signing, the signed PDF afterwards."""

import asyncio
import base64
import hashlib
import json
from pathlib import Path
from typing import Final

from aiohttp import web

from domain.contracts.errors import NotSignedYet, SigningMissing, TransitionNotAllowed
from domain.contracts.model import Contract
from domain.shared.model import Model
from domain.tasks.errors import ResultTooLarge
from domain.tasks.model import MAX_FILE_BYTES, Progress, TaskFile
from domain.tasks.service import Report
from http_api.core.endpoint import EntityId
from http_api.core.envelope import envelope_metadata
from http_api.core.file_response import send_file
from http_api.core.long_requests import file_response, prefers_async
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import DONE
from http_api.routes.contracts import tasks
from http_api.routes.contracts.common import CONTRACT_ERRORS, PROVIDER_ERRORS, VIEW, contracts_of, scope
from http_api.routes.contracts.path_aliases import PathAliases

aliases = PathAliases()

CHUNK_BYTES: Final = 96 * 1024  # a multiple of three, so that the base64 of the parts is the base64 of the whole
PDF: Final = "application/pdf"
DOWNLOAD_ERRORS: Final = (*CONTRACT_ERRORS, *PROVIDER_ERRORS, SigningMissing, NotSignedYet)


class DownloadBody(Model):
    force: int | None = None
    """Sent by legacy clients and not used: a document is handed out only after all parties have signed."""
    download_file_type: int | None = None


class PreviewAnswer(Model):
    preview_url: str


@aliases.both(
    "GET",
    "/{contract_id}/preview",
    "/preview/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    raises=(*CONTRACT_ERRORS, *PROVIDER_ERRORS, SigningMissing, TransitionNotAllowed),
    may_take_long=True,
)
async def preview(context: RequestContext, contract_id: EntityId) -> PreviewAnswer | web.Response:
    """合同预览地址 · the address at which the document can be viewed"""

    async def work(report: Report) -> PreviewAnswer:
        return await preview_answer(context, contract_id)

    return await tasks.of_staff(context, VIEW, contract_id, "preview", work)


async def preview_answer(context: RequestContext, contract_id: str) -> PreviewAnswer:
    return PreviewAnswer(preview_url=await contracts_of(context).signing.preview(contract_id, scope(context)))


@aliases.both(
    "POST",
    "/{contract_id}/download-contract",
    "/download-contract/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    unaudited="reads a document; the data scope is checked",
    raises=DOWNLOAD_ERRORS,
    example={},
)
async def download(context: RequestContext, contract_id: EntityId, body: DownloadBody) -> web.StreamResponse:
    """下载已签署合同（base64）· the signed PDF inside the envelope, as legacy clients read it"""
    services = contracts_of(context)
    contract = await services.signing.signed_contract(contract_id, scope(context))
    async with services.provider.download(contract.esign_contract_no) as path:
        return await send_document_as_base64(context, contract, path)


@aliases.crm.get(
    "/{contract_id}/document",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    raises=(*DOWNLOAD_ERRORS, ResultTooLarge),
    produces=PDF,
    may_take_long=True,
)
async def document(context: RequestContext, contract_id: EntityId) -> web.StreamResponse:
    """下载已签署合同（PDF）· the signed PDF"""
    if prefers_async(context.request):
        return await _document_or_task(context, contract_id)
    services = contracts_of(context)
    contract = await services.signing.signed_contract(contract_id, scope(context))
    async with services.provider.download(contract.esign_contract_no) as path:
        return await send_file(context.request, path, PDF, f"{contract.contract_number}.pdf")


async def _document_or_task(context: RequestContext, contract_id: str) -> web.Response:
    services = contracts_of(context)

    async def work(report: Report) -> TaskFile:
        def received(size: int) -> None:
            report(Progress(step="receiving", received_bytes=size))

        contract = await services.signing.signed_contract(contract_id, scope(context))
        async with services.provider.download(contract.esign_contract_no, received) as path:
            content = await asyncio.to_thread(_content, path)
        return TaskFile(name=f"{contract.contract_number}.pdf", content_type=PDF, content=content)

    answer = await tasks.of_staff(context, VIEW, contract_id, "document", work)
    return file_response(answer) if isinstance(answer, TaskFile) else answer


def _content(path: Path) -> bytes:
    """Raises ResultTooLarge."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ResultTooLarge
    return path.read_bytes()


async def send_document_as_base64(context: RequestContext, contract: Contract, path: Path) -> web.StreamResponse:
    """Stream the envelope with the document inside; the document is never in memory as a whole."""
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "application/json"
    size, md5 = await asyncio.to_thread(_measured, path)
    about = {"fileName": f"{contract.contract_number}.pdf", "fileType": 0, "size": size, "md5": md5}
    await response.prepare(context.request)
    head = json.dumps(about, ensure_ascii=False)[:-1]
    await response.write(f'{{"success":true,"data":{head},"data":"'.encode())
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            await response.write(base64.b64encode(chunk))
    rest = {"message": DONE.in_language(context.language), **envelope_metadata(context.request)}
    await response.write(f'"}},{json.dumps(rest, ensure_ascii=False)[1:]}'.encode())
    await response.write_eof()
    return response


def _measured(path: Path) -> tuple[int, str]:
    """The size of the file, and the checksum that the provider uses and clients compare."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return path.stat().st_size, md5
