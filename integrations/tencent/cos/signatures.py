"""Signatures of Tencent COS (对象存储): of requests, of addresses, and of upload forms."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

_SAFE: Final = "-_.~"
Pairs = Mapping[str, str]


@dataclass(frozen=True)
class CosKey:
    secret_id: str
    secret_key: str

    def authorization(self, method: str, path: str, params: Pairs, headers: Pairs, starts: int, ends: int) -> str:
        """The header `Authorization`. `path` is not percent-encoded. All `params` and `headers` are signed."""
        fields = self.signed_fields(method, path, params, headers, f"{starts};{ends}")
        return "&".join(f"{name}={value}" for name, value in fields.items())

    def query(self, method: str, path: str, params: Pairs, headers: Pairs, starts: int, ends: int) -> str:
        """The query string of a pre-signed address. A client that uses it must send `headers` as they are."""
        fields = self.signed_fields(method, path, params, headers, f"{starts};{ends}")
        return urlencode({**params, **fields}, quote_via=quote, safe=_SAFE)

    def form_fields(self, conditions: list[Any], expires: str, starts: int, ends: int) -> dict[str, str]:
        """Policy and signature of an upload form (POST Object). `expires` is the end in ISO 8601."""
        key_time = f"{starts};{ends}"
        signing = [{"q-sign-algorithm": "sha1"}, {"q-ak": self.secret_id}, {"q-sign-time": key_time}]
        policy = json.dumps({"expiration": expires, "conditions": [*conditions, *signing]}).encode()
        return {
            "policy": base64.b64encode(policy).decode(),
            "q-sign-algorithm": "sha1",
            "q-ak": self.secret_id,
            "q-key-time": key_time,
            "q-sign-time": key_time,
            "q-signature": self.policy_signature(policy, key_time),
        }

    def policy_signature(self, policy: bytes, key_time: str) -> str:
        return _hmac(self._sign_key(key_time), hashlib.sha1(policy, usedforsecurity=False).hexdigest())

    def signed_fields(self, method: str, path: str, params: Pairs, headers: Pairs, key_time: str) -> dict[str, str]:
        signed_params, signed_headers = _encoded(params), _encoded(headers)
        request = f"{method.lower()}\n{path}\n{_joined(signed_params)}\n{_joined(signed_headers)}\n"
        digest = hashlib.sha1(request.encode(), usedforsecurity=False).hexdigest()
        return {
            "q-sign-algorithm": "sha1",
            "q-ak": self.secret_id,
            "q-sign-time": key_time,
            "q-key-time": key_time,
            "q-header-list": ";".join(signed_headers),
            "q-url-param-list": ";".join(signed_params),
            "q-signature": _hmac(self._sign_key(key_time), f"sha1\n{key_time}\n{digest}\n"),
        }

    def _sign_key(self, key_time: str) -> str:
        """As hexadecimal text, which is the key of the next step."""
        return _hmac(self.secret_key, key_time)


def _encoded(pairs: Pairs) -> dict[str, str]:
    encoded = {quote(name, safe=_SAFE).lower(): quote(value, safe=_SAFE) for name, value in pairs.items()}
    return dict(sorted(encoded.items()))


def _joined(pairs: Pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs.items())


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), "sha1").hexdigest()
