"""Serves the OpenAPI and AsyncAPI documents as JSON, and the AsyncAPI document as a page without scripts.

The page of the OpenAPI document is one of the dashboard's files.
"""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from typing import Any

from aiohttp import web

from http_api.core.examples import example_of

Document = dict[str, Any]

_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_BREAK = "\n\n"
_CODE = re.compile(r"`([^`]*)`")
_PROMISE = re.compile(r"，| · ")
"""Ends the short name of a promise of an event."""
_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); --soft: color-mix(in srgb,
  currentColor 6%, transparent); --accent: light-dark(#0f766e, #5eead4) }
body { font: 15px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; max-width: 1120px;
  margin: 0 auto; padding: 24px 16px 96px }
code, pre { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere }
pre { background: var(--soft); padding: 12px; border-radius: 8px; overflow: auto; margin: 8px 0 }
a { color: var(--accent) } nav a { margin-right: 16px } h2 code { font-size: 20px }
h2 { margin-top: 48px; border-bottom: 1px solid var(--line) }
ul.contents { columns: 320px; padding-left: 20px } h3 { margin: 24px 0 8px }
details { border-bottom: 1px solid var(--line) } details:target { background: var(--soft) }
summary { cursor: pointer; display: grid; grid-template-columns: minmax(140px, 180px) 1fr; gap: 0 16px;
  padding: 8px 4px }
summary code { font-weight: 600; color: var(--accent) } .en { display: block; opacity: .75 }
.mark { font-size: 12px; border: 1px solid var(--line); border-radius: 8px; padding: 0 8px; white-space: nowrap }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1px solid var(--line); padding: 4px 8px;
  text-align: left; vertical-align: top } .body { padding: 0 4px 16px }
@media (max-width: 600px) { summary { grid-template-columns: 1fr } }
"""


def add_routes(app: web.Application, openapi: Callable[[], Document], asyncapi: Callable[[], Document]) -> None:
    """The documents are made at their first request, so that no start waits for them."""
    add = app.router.add_get
    add("/api/docs/openapi.json", _serve(lambda: _json(openapi()), "application/json"))
    add("/api/docs/asyncapi.json", _serve(lambda: _json(asyncapi()), "application/json"))
    add("/api/docs/realtime", _serve(lambda: realtime_page(asyncapi()), "text/html"))
    add("/api/docs/style.css", _serve(lambda: _STYLE, "text/css"))


def _json(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False)


def _serve(make: Callable[[], str], content_type: str) -> Any:
    @cache
    def contents() -> tuple[bytes, bytes, str]:
        body = make().encode()
        return body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:16]

    async def serve(request: web.Request) -> web.Response:
        body, compressed, tag = await asyncio.to_thread(contents)  # the first request takes most of a second
        headers = {
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Security-Policy": _CSP,
            "Cache-Control": "no-cache",  # kept, and asked again by its tag
            "ETag": f'"{tag}"',
            "Vary": "Accept-Encoding",
        }
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=compressed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=body, headers=headers)

    return serve


def realtime_page(document: Document) -> str:
    """Contents by namespace, then each event in one line that opens to its fields and an example."""
    info, channels = document.get("info", {}), document.get("channels", {})
    contents = "".join(
        f'<li><a href="#{escape(key)}"><code>{escape(channel["address"])}</code></a> '
        f"{_inline(channel['description'].partition(_BREAK)[0])}</li>"
        for key, channel in channels.items()
    )
    title = info.get("title", "Socket.IO")
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/api/docs/style.css"></head><body>'
        '<nav><a href="/api/docs">HTTP</a><a href="/api/docs/realtime" aria-current="page">Socket.IO</a>'
        '<a href="/api/docs/asyncapi.json">asyncapi.json</a><a href="/">管理后台 Dashboard</a></nav>'
        f"<h1>{escape(title)}</h1>{_paragraphs(info.get('description', ''))}"
        f'<ul class="contents">{contents}</ul>'
        f"{''.join(_namespace(document, key, channel) for key, channel in channels.items())}</body></html>"
    )


def _namespace(document: Document, key: str, channel: Mapping[str, Any]) -> str:
    operations = [document["operations"][f"{key}.{direction}"] for direction in ("push", "receive")]
    groups = "".join(
        f"<h3>{escape(operation['summary'])}</h3>"
        + "".join(_event(document, key, message["$ref"].rsplit("/", 1)[-1]) for message in operation["messages"])
        for operation in operations
        if operation["messages"]
    )
    return (
        f'<h2 id="{escape(key)}"><code>{escape(channel["address"])}</code></h2>'
        f"{_paragraphs(channel['description'])}{groups}"
    )


def _event(document: Document, namespace: str, key: str) -> str:
    components = document["components"]
    message = components["messages"][f"{namespace}.{key}"]
    schemas = components["schemas"]
    schema = schemas[message["payload"]["$ref"].rsplit("/", 1)[-1]]
    zh, _, en = message["summary"].partition(" · ")
    promises = message["description"].split(_BREAK)[:-1]
    marks = "".join(f' <span class="mark">{escape(_PROMISE.split(promise)[0])}</span>' for promise in promises)
    return (
        f'<details id="{escape(namespace)}.{escape(key)}"><summary><code>{escape(message["name"])}</code>'
        f'<span>{_inline(zh)}{marks}<span class="en">{_inline(en)}</span></span></summary><div class="body">'
        f"{''.join(f'<p>{_inline(promise)}</p>' for promise in promises)}{_fields(schema)}<h4>示例 · Example</h4>"
        f"<pre>{escape(json.dumps(example_of(schema, schemas), ensure_ascii=False, indent=2))}</pre></div></details>"
    )


def _fields(schema: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{'' if name in schema.get('required', ()) else ' ?'}</td>"
        f"<td><code>{escape(_type_of(field))}</code></td><td>{_inline(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    )
    head = "<tr><th>字段 Field</th><th>类型 Type</th><th>说明 Meaning</th></tr>"
    return f"<table>{head}{rows}</table>" if rows else "<p>没有字段 · No fields</p>"


def _type_of(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1].rsplit("__", 1)[-1]
    if choices := field.get("anyOf") or field.get("oneOf"):
        return " | ".join(_type_of(choice) for choice in choices)
    if "const" in field or "enum" in field:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"{_type_of(field.get('items', {}))}[]"
    return str(field.get("format") or field.get("type", "any"))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split(_BREAK) if part)


def _inline(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))
