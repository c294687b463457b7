"""Authorization in COS: verifies the signatures of requests, of addresses and of upload forms."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from integrations.local.simulators.tencent.cos_errors import CosError
from integrations.local.simulators.tencent.state import SimulatorState
from integrations.tencent.cos.signatures import CosKey

_NAMES = ("q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature")


def require_signature(state: SimulatorState, request: web.Request) -> None:
    """Verifies the signature in the header or in the query. Raises CosError: the bucket is private."""
    header = request.headers.get("Authorization")
    if header:
        fields = dict(part.partition("=")[::2] for part in header.split("&"))
    else:
        fields = {name: request.query.get(name, "") for name in _NAMES}
    if not fields.get("q-signature"):
        raise CosError("AccessDenied")
    _require_key(state, fields)
    _require_time(state, fields.get("q-key-time", ""))
    params = {name: value for name, value in request.query.items() if name not in _NAMES}
    signed_params = _listed(params, fields.get("q-url-param-list", ""))
    signed_headers = _listed(request.headers, fields.get("q-header-list", ""))
    if "host" not in signed_headers or set(signed_params) != {name.lower() for name in params}:
        raise CosError("AccessDenied")  # stricter than COS, which lets clients sign less
    key = CosKey(state.account.secret_id, state.account.secret_key)
    expected = key.signed_fields(request.method, request.path, signed_params, signed_headers, fields["q-key-time"])
    if not hmac.compare_digest(expected["q-signature"], fields["q-signature"]):
        raise CosError("SignatureDoesNotMatch")


def require_form(state: SimulatorState, fields: Mapping[str, str], size: int) -> None:
    """Raises CosError unless the policy is ours and the form keeps to it."""
    try:
        policy = base64.b64decode(fields.get("policy", ""), validate=True)
        document: dict[str, Any] = json.loads(policy)
        expires = datetime.fromisoformat(document["expiration"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise CosError("InvalidPolicyDocument") from None
    _require_key(state, fields)
    key_time = fields.get("q-key-time", "")
    _require_time(state, key_time)
    key = CosKey(state.account.secret_id, state.account.secret_key)
    if not hmac.compare_digest(key.policy_signature(policy, key_time), fields.get("q-signature", "")):
        raise CosError("SignatureDoesNotMatch")
    if expires.timestamp() < state.now():
        raise CosError("AccessDenied")
    values = {"bucket": state.account.bucket, **fields}
    for condition in document["conditions"]:
        _require_condition(condition, values, size)


def _require_condition(condition: Any, values: Mapping[str, str], size: int) -> None:
    match condition:
        case dict():
            kept = all(values.get(name) == value for name, value in condition.items())
        case ["content-length-range", int(least), int(most)]:
            if size > most:
                raise CosError("EntityTooLarge")
            if size < least:
                raise CosError("EntityTooSmall")
            kept = True
        case ["starts-with", str(name), str(prefix)]:
            kept = values.get(name.removeprefix("$"), "").startswith(prefix)
        case _:
            raise CosError("InvalidPolicyDocument")
    if not kept:
        raise CosError("AccessDenied")


def _require_key(state: SimulatorState, fields: Mapping[str, str]) -> None:
    if fields.get("q-ak") != state.account.secret_id:
        raise CosError("InvalidAccessKeyId")
    if fields.get("q-sign-algorithm") != "sha1":
        raise CosError("AccessDenied")


def _require_time(state: SimulatorState, key_time: str) -> None:
    starts, _, ends = key_time.partition(";")
    if not (starts.isdecimal() and ends.isdecimal()):
        raise CosError("AccessDenied")
    if not int(starts) <= state.now() <= int(ends):
        raise CosError("RequestTimeTooSkewed")


def _listed(pairs: Mapping[str, str], names: str) -> dict[str, str]:
    wanted = {name for name in names.split(";") if name}
    return {name.lower(): value for name, value in pairs.items() if name.lower() in wanted}
