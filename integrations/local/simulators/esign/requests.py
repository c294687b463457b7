"""Checks of requests to the provider: multipart, canonical JSON, signed and not expired."""

import base64
import binascii
import calendar
import hashlib
import json
import time
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1

from integrations.local.simulators.esign.state import Refusal

MAX_EXPIRY_SECONDS = 15 * 60

Merchants = dict[str, RSAPublicKey]


async def authenticated_business(request: web.Request, merchants: Merchants, now: float) -> Any:
    """The business object of a request with a valid signature. Raises Refusal."""
    if request.method != "POST" or request.content_type != "multipart/form-data":
        raise Refusal(100004, "请使用 multipart/form-data 提交")
    form = await request.post()
    fields = {name: form.get(name) for name in ("appId", "timestamp", "bizData")}
    if not all(isinstance(value, str) and value for value in fields.values()):
        raise Refusal(100004, "参数错误")
    app_id, timestamp, text = (str(fields[name]) for name in ("appId", "timestamp", "bizData"))
    key = merchants.get(app_id)
    if key is None:
        raise Refusal(100004, "appId 不存在")
    _require_fresh(timestamp, now)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    _require_signature(key, request.headers.get("sign", ""), f"{text}{digest}{app_id}{timestamp}".encode())
    try:
        business = json.loads(text)
    except ValueError:
        raise Refusal(100004, "bizData 不是 JSON") from None
    if text != json.dumps(business, ensure_ascii=False, sort_keys=True, separators=(",", ":")):
        raise Refusal(100016, "bizData 未按规范序列化")
    return business


def _require_fresh(timestamp: str, now: float) -> None:
    ahead = int(timestamp) / 1000 - now if timestamp.isdecimal() and len(timestamp) < 20 else 0
    if not 0 < ahead <= MAX_EXPIRY_SECONDS:
        raise Refusal(100016, "时间戳无效")


def _require_signature(key: RSAPublicKey, signature: str, text: bytes) -> None:
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA1())  # noqa: S303  # prescribed by the provider
    except (InvalidSignature, binascii.Error, ValueError):
        raise Refusal(100016, "签名不匹配") from None


def text_in(business: Any, name: str, *, required: bool = True, max_length: int = 200) -> str:
    value = business.get(name) if isinstance(business, dict) else None
    if value is None or value == "":
        if required:
            raise Refusal(100579, f"{name} 不能为空")
        return ""
    if not isinstance(value, str | int):
        raise Refusal(100004, f"{name} 格式错误")
    if len(str(value)) > max_length:
        raise Refusal(100577, f"{name} 过长")
    return str(value)


def contract_no_in(business: Any) -> str:
    if isinstance(business, dict) and not business.get("contractNo"):
        raise Refusal(100056, "合同编号为空")
    return text_in(business, "contractNo", max_length=40)


def integer_in(business: Any, name: str, default: int = 0) -> int:
    text = text_in(business, name, required=False)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal(100004, f"{name} 格式错误")
    return int(text) if text else default


def date_in(business: Any, name: str) -> float:
    """A time like `2026-05-01 10:00:00` of China Standard Time, as seconds since the epoch."""
    try:
        return calendar.timegm(time.strptime(text_in(business, name), "%Y-%m-%d %H:%M:%S")) - 8 * 3600
    except ValueError:
        raise Refusal(100605, f"{name} 格式错误") from None


def rows_in(business: Any) -> list[dict[str, Any]]:
    if not isinstance(business, list) or not all(isinstance(row, dict) for row in business):
        raise Refusal(100004, "参数应为数组")
    return business
