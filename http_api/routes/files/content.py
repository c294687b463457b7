"""The route that serves contents of files, where no provider does."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from domain.files.errors import LinkInvalid
from domain.files.links import CONTENT_PATH
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.file_content import ContentResponse
from http_api.core.rate_limits import RateLimit
from http_api.routes.files.answers import TAG

endpoints = Endpoints(CONTENT_PATH, tag=TAG)

SignedLink = Annotated[str, StringConstraints(max_length=200, pattern=r"^[0-9A-Za-z._-]+$")]


@endpoints.get(
    "/{link}",
    access=PUBLIC,  # the link is the proof
    rate_limit=RateLimit.CONTENT,
    message=Text("文件内容", "The content"),
    raises=(LinkInvalid,),
    produces="application/octet-stream",
)
async def content(context: RequestContext, link: SignedLink) -> web.StreamResponse:
    """限时链接的内容 · the content behind a signed link"""
    return ContentResponse(await context.services.files.links.open(link))
