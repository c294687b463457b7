"""The document of a contract: looked at while it is signed, handed out once everybody has."""

import asyncio
import base64
import hashlib
import json
from pathlib import Path

from aiohttp import web

from domain.contracts.errors import NotSignedYet, SigningMissing, TransitionNotAllowed
from domain.contracts.model import Contract
from domain.shared.model import Model
from http_api.core.endpoint import EntityId
from http_api.core.envelope import envelope_metadata
from http_api.core.file_response import send_file
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import DONE
from http_api.routes.contracts.common import ONE, PROVIDER, VIEW, contracts_of, scope
from http_api.routes.contracts.path_aliases import Twins

twins = Twins()

CHUNK_BYTES = 96 * 1024  # a multiple of three: base64 of the parts is base64 of the whole
PDF = "application/pdf"


class DownloadBody(Model):
    force: int | None = None
    """Of older clients; what is not signed by everybody is never given out as signed."""
    download_file_type: int | None = None


class PreviewAnswer(Model):
    preview_url: str


@twins.both(
    "GET",
    "/{contract_id}/preview",
    "/preview/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    raises=(*ONE, *PROVIDER, SigningMissing, TransitionNotAllowed),
)
async def preview(context: RequestContext, contract_id: EntityId) -> PreviewAnswer:
    """合同预览地址 · where the document can be looked at"""
    return PreviewAnswer(preview_url=await contracts_of(context).signing.preview(contract_id, scope(context)))


@twins.both(
    "POST",
    "/{contract_id}/download-contract",
    "/download-contract/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    audit=None,
    unaudited="reads a document; who may is checked",
    raises=(*ONE, *PROVIDER, SigningMissing, NotSignedYet),
    example={},
)
async def download(context: RequestContext, contract_id: EntityId, body: DownloadBody) -> web.StreamResponse:
    """下载已签署合同（base64）· the signed PDF inside the envelope, as older clients read it"""
    services = contracts_of(context)
    contract = await services.signing.signed_contract(contract_id, scope(context))
    async with services.provider.download(contract.esign_contract_no) as path:
        return await send_document_as_base64(context, contract, path)


@twins.crm.get(
    "/{contract_id}/document",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    raises=(*ONE, *PROVIDER, SigningMissing, NotSignedYet),
    produces=PDF,
)
async def document(context: RequestContext, contract_id: EntityId) -> web.StreamResponse:
    """下载已签署合同（PDF）· the signed PDF"""
    services = contracts_of(context)
    contract = await services.signing.signed_contract(contract_id, scope(context))
    async with services.provider.download(contract.esign_contract_no) as path:
        return await send_file(context.request, path, PDF, f"{contract.contract_number}.pdf")


async def send_document_as_base64(context: RequestContext, contract: Contract, path: Path) -> web.StreamResponse:
    """The envelope with the document in it, as today's clients read it; never as a whole in memory."""
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
    """Its size, and the provider's checksum, which clients compare."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return path.stat().st_size, md5
