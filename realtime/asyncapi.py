"""The AsyncAPI 3.0 document of the Socket.IO interface, generated from the namespaces and their payload models."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.shared.text import Text
from realtime.delivery.connection_pushes import FORCED_OFFLINE, SERVER_DRAINING
from realtime.delivery.push import Push
from realtime.namespaces.base import ClientNamespace
from realtime.namespaces.registry import NAMESPACES

_COMMON: Final[tuple[Push[Any], ...]] = (SERVER_DRAINING, FORCED_OFFLINE)
_DESCRIPTION: Final = """\
实时接口使用 Socket.IO 5（Engine.IO 4），路径 `/socket.io/`，命名空间见下。握手时在 `auth.token` 或
`Authorization: Bearer` 头中提供员工访问令牌；拒绝时收到 `connect_error`，其 `data.code` 说明原因。

客户端事件都有应答：`{ok: true, data}` 或 `{ok: false, error: {code, message, details?}}`。必达事件的末尾参数是
字符串 offset；官方客户端会保存它，十分钟内重连时补收错过的事件（`socket.recovered`）。无法补收时，CONNECT 应答中的
`recovery.reason` 说明原因：expired、trimmed、epoch、revoked 或 unknown。

Socket.IO 5 over Engine.IO 4 at `/socket.io/`. Send a staff access token as `auth.token` or in an
`Authorization: Bearer` header of the handshake. A refusal is a `connect_error` with the reason in `data.code`.

Every client event is acknowledged with `{ok: true, data}` or `{ok: false, error: {code, message, details?}}`.
Must-arrive events have their offset as last argument, a string. The official client keeps it and receives the missed
events when it reconnects within ten minutes (`socket.recovered`). If that is impossible, `recovery.reason` in the
CONNECT answer is the cause: expired, trimmed, epoch, revoked or unknown."""
_REFERENCES: Final = "#/components/schemas/{model}"


def asyncapi_document(namespaces: Sequence[type[ClientNamespace[Any, Any]]] = NAMESPACES) -> dict[str, Any]:
    schemas = _schemas(namespaces)
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "家政公司实时接口 · Real-time interface",
            "version": "1.0.0",
            "description": _DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "channels": {},
        "operations": {},
        "components": {
            "schemas": schemas,
            "messages": {},
            "securitySchemes": {
                "staffToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "员工访问令牌 · access token of POST /api/auth/login",
                },
                "guestTicket": {
                    "type": "apiKey",
                    "in": "user",
                    "description": "面试入场凭证 auth.ticket · the ticket of a guest, `auth.ticket` of the handshake",
                },
            },
        },
    }
    for namespace in namespaces:
        _add_channel(document, namespace)
    return document


def client_events(namespace: type[ClientNamespace[Any, Any]]) -> dict[str, Any]:
    """The handlers `on_<event>` that declare a payload, by event."""
    handlers = {name[3:]: getattr(namespace, name) for name in dir(namespace) if name.startswith("on_")}
    return {event: handler for event, handler in sorted(handlers.items()) if hasattr(handler, "payload")}


def _add_channel(document: dict[str, Any], namespace: type[ClientNamespace[Any, Any]]) -> None:
    key = namespace.name.strip("/")
    messages: dict[str, Any] = {}
    pushed, sent = [], []
    for push in (*namespace.pushes, *_COMMON):
        message = f"{key}.{push.event}"
        document["components"]["messages"][message] = _pushed(push)
        messages[push.event] = {"$ref": f"#/components/messages/{message}"}
        pushed.append({"$ref": f"#/channels/{key}/messages/{push.event}"})
    for event, handler in client_events(namespace).items():
        name_here = f"{event}.sent" if event in messages else event  # events between peers go in both directions
        message = f"{key}.{name_here}"
        document["components"]["messages"][message] = _sent(event, handler)
        messages[name_here] = {"$ref": f"#/components/messages/{message}"}
        sent.append({"$ref": f"#/channels/{key}/messages/{name_here}"})
    document["channels"][key] = {
        "address": namespace.name,
        "title": namespace.about.zh,
        "description": f"{_both(namespace.about)}\n\n权限 permission: {_needed(namespace.permission)}",
        "messages": messages,
    }
    channel = {"$ref": f"#/channels/{key}"}
    secured = [{"$ref": f"#/components/securitySchemes/{scheme}"} for scheme in namespace.schemes]
    document["operations"][f"{key}.push"] = {
        "action": "send",
        "channel": channel,
        "messages": pushed,
        "security": secured,
        "summary": "服务器推送 · Events that the server pushes",
    }
    document["operations"][f"{key}.receive"] = {
        "action": "receive",
        "channel": channel,
        "messages": sent,
        "security": secured,
        "summary": "客户端事件（均有应答） · Events that a client may send; each is acknowledged",
    }


def _pushed(push: Push[Any]) -> dict[str, Any]:
    promise = "必达，末尾参数为 offset · Must-arrive: the last argument is its offset\n\n" if push.must_arrive else ""
    latest = "仅最新值有意义 · Latest-only: only the newest value matters\n\n" if push.latest_only else ""
    return {
        "name": push.event,
        "title": push.about.zh,
        "summary": _both(push.about),
        "description": f"{promise}{latest}{_both(push.about)}",
        "payload": _reference(push.payload),
    }


def _sent(event: str, handler: Any) -> dict[str, Any]:
    about = " ".join((handler.__doc__ or event).split())
    return {
        "name": event,
        "title": event,
        "summary": about,
        "description": about,
        "payload": _reference(handler.payload),
    }


def _schemas(namespaces: Sequence[type[ClientNamespace[Any, Any]]]) -> dict[str, Any]:
    models: set[type[BaseModel]] = {push.payload for push in _COMMON}
    for namespace in namespaces:
        models |= {push.payload for push in namespace.pushes}
        models |= {handler.payload for handler in client_events(namespace).values()}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in ordered], by_alias=True, ref_template=_REFERENCES
    )
    found: dict[str, Any] = definitions["$defs"]
    return found


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCES.format(model=model.__name__)}


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"


def _needed(permission: str) -> str:
    return f"`{permission}`" if permission else "任何员工 · every staff member"
