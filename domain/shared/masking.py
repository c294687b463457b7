"""Masks personal values for logs, audit rows and lists; a person who knows a value still recognises it."""

import re
from collections.abc import Mapping
from typing import Any

_SECRET_KEYS = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|session_?key|signature|\bpid\b|private|credential"
    r"|\bcode\b|phonecode|hash",
    re.I,
)
_FAILURE_CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
"""The code of an error response, whose field has the same name as WeChat's secret log-in code."""
_PHONE_KEYS = re.compile(r"phone|mobile", re.I)
_HOME_KEYS = re.compile(r"(customer|worker|home|service)_?address", re.I)
"""Home addresses; a bare `address` is a network address."""
_ID_KEYS = re.compile(r"openid|unionid|wechat_?id|id_?card|identity|idnumber", re.I)
_PHONE_IN_TEXT = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID_CARD_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])(\d{4})\d{10}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_OPENID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
_TOKEN_IN_TEXT = re.compile(r"eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*")
_QUERY_SECRET = re.compile(
    r"((?<![a-z_])(?:access_token|token|secret|js_code|code|openid|sig|signature|pid)=)[^&\s\"']+", re.I
)


def mask_phone(phone: str) -> str:
    """`138****5678`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def mask_id(value: str) -> str:
    """The first and last four characters of an openid or card number."""
    return f"{value[:4]}****{value[-4:]}" if len(value) > 8 else "****"


def mask_home_address(address: str) -> str:
    """`海淀区中关村****`: the district remains, the door does not."""
    return f"{address[:6]}****" if len(address) > 6 else "****" if address else ""


def mask_text(text: str) -> str:
    """Masks phone numbers, card numbers, openids, tokens and secrets in query strings within free text."""
    text = _TOKEN_IN_TEXT.sub("****", text)
    text = _QUERY_SECRET.sub(r"\1****", text)
    text = _ID_CARD_IN_TEXT.sub(r"\1**********\2", text)
    text = _PHONE_IN_TEXT.sub(r"\1****\2", text)
    return _OPENID_IN_TEXT.sub(lambda found: mask_id(found.group()), text)


def masked(value: Any, key: str = "") -> Any:
    """A copy of a JSON-like value for logs: secrets replaced, personal values masked by key and by pattern."""
    if isinstance(value, Mapping):
        return {name: masked(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, key) for item in value]
    if _SECRET_KEYS.search(key) and value is not None:
        is_failure = key == "code" and isinstance(value, str) and _FAILURE_CODE.fullmatch(value)
        return value if is_failure else "****"
    if not isinstance(value, str):
        return value
    if _PHONE_KEYS.search(key):
        return mask_phone(value)
    if _ID_KEYS.search(key):
        return mask_id(value)
    if _HOME_KEYS.search(key):
        return mask_home_address(mask_text(value))
    return mask_text(value)
