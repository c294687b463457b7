"""Serves the dashboard, the interview room and the page of the HTTP interface: read and compressed once, named by
content, cached by browsers."""

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from aiohttp import web

from http_api.dashboard_catalogue import catalogue, labels
from http_api.dashboard_pages import LANGUAGES, merged_texts, with_links

ROOT = Path(__file__).parent / "dashboard"
_FOLDERS = ("", "components/**/", "css/**/", "lib/**/", "pages/**/", "vendor/**/")
_SERVED = (".js", ".css", ".svg", ".html", ".png", ".ico", ".woff2", ".webmanifest")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The viewer of the API page has styles in its elements. Scripts are as restricted there as everywhere.
API_DOCS_CSP = CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
# The dashboard needs no camera or microphone. Interviews do, but not frames or other sites on these pages.
_DEVICES_DENIED = "camera=(), microphone=(), display-capture=()"
_DEVICES_ALLOWED = "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)"
_IMMUTABLE = "public, max-age=31536000, immutable"
_ONE_DAY = "public, max-age=86400"


@dataclass(frozen=True)
class File:
    body: bytes
    content_type: str

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)


class DashboardFiles:
    """Everything below `/assets/<build>/`. `<build>` is a digest of all contents, so relative imports keep working
    and no cached file is ever stale."""

    def __init__(self, root: Path = ROOT, *, demonstration: bool = False, storage: str = "") -> None:
        self._storage = storage
        contents = _contents(root)
        if demonstration:
            contents["index.html"] = contents["index.html"].replace(b"<html ", b"<html data-demonstration ", 1)
        digest = hashlib.sha256()
        for name, body in sorted(contents.items()):
            digest.update(name.encode() + b"\0" + body)
        self.build = digest.hexdigest()[:12]
        self._files = {name: self._file(name, body) for name, body in contents.items()}

    def _file(self, name: str, body: bytes) -> File:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if name.endswith(".js"):
            kind = "text/javascript"
        if name.endswith(".html"):
            body = re.sub(rb'(href|src)="/assets/', rf'\1="/assets/{self.build}/'.encode(), body)
        textual = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
        return File(body, f"{kind}; charset=utf-8" if textual else kind)

    async def page(self, request: web.Request) -> web.Response:
        response = self._page(request, "index.html", _DEVICES_DENIED)
        if self._storage:
            response.headers["Content-Security-Policy"] = CSP.replace("connect-src", f"connect-src {self._storage}")
        return response

    async def interview(self, request: web.Request) -> web.Response:
        return self._page(request, "interview-room.html", _DEVICES_ALLOWED)

    async def api_docs(self, request: web.Request) -> web.Response:
        response = self._page(request, "api-docs.html", _DEVICES_DENIED)
        response.headers["Content-Security-Policy"] = API_DOCS_CSP
        return response

    def _page(self, request: web.Request, name: str, devices: str) -> web.Response:
        response = self._answer(request, self._files[name], "no-cache")
        response.headers["Permissions-Policy"] = devices
        return response

    async def favicon(self, request: web.Request) -> web.Response:
        """At the address that browsers ask for without a link, as on pages of the API."""
        return self._answer(request, self._files["favicon.ico"], _ONE_DAY)

    async def asset(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        current = request.match_info["build"] == self.build
        return self._answer(request, file, _IMMUTABLE if current else "no-cache")

    @staticmethod
    def _answer(request: web.Request, file: File, caching: str) -> web.Response:
        headers = {
            "Content-Type": file.content_type,
            "Cache-Control": caching,
            "Content-Security-Policy": CSP,
            "Vary": "Accept-Encoding",
        }
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(file.body) > 1024:
            return web.Response(body=file.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=file.body, headers=headers)


@cache
def _current(demonstration: bool, storage: str) -> DashboardFiles:
    """As they are at the first call: a running process serves one build."""
    return DashboardFiles(demonstration=demonstration, storage=storage)


def _contents(root: Path) -> dict[str, bytes]:
    """The served contents by their path below `/assets/<build>/`."""
    paths = {path for folder in _FOLDERS for path in root.glob(f"{folder}*") if path.suffix in _SERVED}
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    sources = {name: body.decode() for name, body in contents.items() if name.endswith(".js")}
    styles = frozenset(name for name in contents if name.endswith(".css"))
    for name, body in contents.items():
        if name.endswith(".html"):
            contents[name] = with_links(body.decode(), sources, styles).encode()
    for name, language in LANGUAGES.items():
        contents[f"texts/{name}.json"] = _json(merged_texts(root / "texts", name, labels(language)))
    contents["catalogue.json"] = _json(catalogue())
    return contents


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def add_routes(app: web.Application, *, demonstration: bool = False, storage: str = "") -> None:
    """`demonstration`: the dashboard says that its people and contracts are invented. `storage`: the origin to which it
    may send files directly."""
    files = _current(demonstration, storage)
    app.router.add_get("/", files.page)
    app.router.add_get("/favicon.ico", files.favicon)
    app.router.add_get("/api/docs", files.api_docs)
    app.router.add_get("/interview/{room_id:[A-Za-z0-9_-]{1,64}}", files.interview)
    app.router.add_get("/assets/{build:[0-9a-f]{12}}/{name:.+}", files.asset)
