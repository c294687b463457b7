"""Serves the OpenAPI and AsyncAPI documents as JSON, and as HTML pages without scripts."""

import json
import re
from html import escape
from typing import Any

from aiohttp import web

_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_CODE = re.compile(r"`([^`]*)`")
_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); --soft: color-mix(in srgb,
  currentColor 6%, transparent); --accent: light-dark(#0f766e, #5eead4) }
body { font: 15px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; max-width: 960px;
  margin: 0 auto; padding: 24px 16px 96px }
code, pre { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace }
summary code, td p code, h2 code { overflow-wrap: anywhere }
pre { background: var(--soft); padding: 12px; border-radius: 8px; overflow: auto }
nav a { margin-right: 16px } h2 { margin-top: 40px; border-bottom: 1px solid var(--line) }
details { border: 1px solid var(--line); border-radius: 8px; margin: 8px 0; padding: 8px 12px }
summary { cursor: pointer } .method { display: inline-block; min-width: 56px; font-weight: 600; color: var(--accent) }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1px solid var(--line); padding: 4px 8px;
  text-align: left; vertical-align: top } td p { margin: 0 0 4px } .muted { opacity: .7 }
"""


def add_routes(app: web.Application, openapi: dict[str, Any], asyncapi: dict[str, Any] | None) -> None:
    pages = {"/api/docs": _openapi_page(openapi)}
    files = {"/api/docs/openapi.json": openapi}
    if asyncapi is not None:
        pages["/api/docs/realtime"] = _asyncapi_page(asyncapi)
        files["/api/docs/asyncapi.json"] = asyncapi
    for path, page in pages.items():
        app.router.add_get(path, _serve(page.encode(), "text/html"))
    for path, document in files.items():
        app.router.add_get(path, _serve(json.dumps(document, ensure_ascii=False).encode(), "application/json"))
    app.router.add_get("/api/docs/style.css", _serve(_STYLE.encode(), "text/css"))


def _serve(body: bytes, content_type: str) -> Any:
    headers = {"Content-Type": f"{content_type}; charset=utf-8", "Content-Security-Policy": _CSP}

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={**headers, "Cache-Control": "no-cache"})

    return serve


def _page(title: str, intro: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/api/docs/style.css"></head><body>'
        '<nav><a href="/api/docs">HTTP</a><a href="/api/docs/openapi.json">openapi.json</a>'
        '<a href="/api/docs/realtime">Socket.IO</a><a href="/api/docs/asyncapi.json">asyncapi.json</a></nav>'
        f"<h1>{escape(title)}</h1>{_paragraphs(intro)}{body}</body></html>"
    )


def _paragraphs(text: str) -> str:
    shown = (_CODE.sub(r"<code>\1</code>", escape(part)) for part in text.split("\n\n") if part)
    return "".join(f"<p>{part}</p>" for part in shown)


def _pretty(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=2))}</pre>"


def _openapi_page(document: dict[str, Any]) -> str:
    sections = []
    for tag in document["tags"]:
        operations = [
            _operation(method, path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if tag["name"] in operation["tags"]
        ]
        sections.append(f"<h2>{escape(tag['name'])} · {escape(tag['description'])}</h2>{''.join(operations)}")
    schemas = "".join(
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>{_pretty(schema)}</details>'
        for name, schema in document["components"]["schemas"].items()
    )
    info = document["info"]
    return _page(info["title"], info["description"], "".join(sections) + f"<h2>模型 · Schemas</h2>{schemas}")


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [_paragraphs(operation["description"])]
    if operation["parameters"]:
        rows = "".join(
            f"<tr><td><code>{escape(item['name'])}</code></td><td>{item['in']}</td>"
            f"<td><code>{escape(json.dumps(item['schema'], ensure_ascii=False))}</code></td></tr>"
            for item in operation["parameters"]
        )
        parts.append(f"<h4>参数 · Parameters</h4><table>{rows}</table>")
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shown = content.get("example", content["schema"])
        parts.append(f"<h4>请求 · Request</h4>{_pretty(shown)}")
    rows = "".join(
        f"<tr><td><b>{status}</b></td><td>{_paragraphs(answer['description'])}</td><td>{_schema_of(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    parts.append(f"<h4>响应 · Answers</h4><table>{rows}</table>{_example_of(operation)}")
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
        f'<span class="muted">{escape(operation["summary"])}</span></summary>{"".join(parts)}</details>'
    )


def _example_of(operation: dict[str, Any]) -> str:
    """The example of a successful response."""
    for status, answer in operation["responses"].items():
        example = answer["content"].get("application/json", {}).get("example")
        if status.startswith("2") and example is not None:
            return f"<h4>示例 · Example</h4>{_pretty(example)}"
    return ""


def _schema_of(answer: dict[str, Any]) -> str:
    for content in answer["content"].values():
        data = content["schema"].get("properties", {}).get("data", content["schema"])
        reference = data.get("$ref", "").rsplit("/", 1)[-1]
        shown = reference.rsplit("__", 1)[-1]  # pydantic prefixes the module where two models have the same name
        return f'<a href="#{escape(reference)}"><code>{escape(shown)}</code></a>' if reference else ""
    return ""


def _asyncapi_page(document: dict[str, Any]) -> str:
    info = document["info"]
    parts = []
    for name, channel in document.get("channels", {}).items():
        messages = "".join(
            f"<details><summary><code>{escape(key)}</code></summary>{_pretty(message)}</details>"
            for key, message in channel.get("messages", {}).items()
        )
        about = _paragraphs(channel.get("description", ""))
        parts.append(f"<h2><code>{escape(channel.get('address') or name)}</code></h2>{about}{messages}")
    for kind, items in document.get("components", {}).items():
        shown = "".join(
            f"<details><summary><code>{escape(name)}</code></summary>{_pretty(item)}</details>"
            for name, item in items.items()
        )
        parts.append(f"<h2>{escape(kind)}</h2>{shown}")
    return _page(info["title"], info.get("description", ""), "".join(parts))
