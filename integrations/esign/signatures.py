"""The RSA signatures of 爱签: the exact text of a request, signing it, verifying callbacks, and loading keys."""

import base64
import binascii
import hashlib
import json
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

EXPIRY_MILLISECONDS: Final = 600_000
"""How far in the future the timestamp of a request lies; the provider treats it as an expiry time."""

# The provider prescribes SHA-1. Its known weakness (collisions) hardly matters for a signed request that we build
# ourselves.
REQUEST_HASH: Final[HashAlgorithm] = SHA1()  # noqa: S303
CALLBACK_HASHES: Final[tuple[HashAlgorithm, ...]] = (SHA1(), SHA256())  # noqa: S303


def canonical_json(business: Any) -> str:
    """`bizData` as it is sent and signed: sorted keys at every depth, no None values, no spaces, Chinese unescaped."""
    return json.dumps(_without_none(business), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def request_timestamp(now: datetime) -> str:
    return str(int(now.timestamp() * 1000) + EXPIRY_MILLISECONDS)


def text_to_sign(business: str, app_id: str, timestamp: str) -> bytes:
    # The provider's format includes the MD5 digest; the signature also covers the whole text.
    digest = hashlib.md5(business.encode(), usedforsecurity=False).hexdigest()
    return f"{business}{digest}{app_id}{timestamp}".encode()


def sign(key: RSAPrivateKey, text: bytes) -> str:
    return base64.b64encode(key.sign(text, PKCS1v15(), REQUEST_HASH)).decode()


def is_valid_signature(key: RSAPublicKey, signature: str, text: bytes, algorithm: HashAlgorithm) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=4)
def private_key(text: str) -> RSAPrivateKey:
    """Loads PEM, or the base64 of PKCS#8. Raises ValueError, which does not quote the key.

    Cached, because OpenSSL examines the primes for 50 ms.
    """
    key: RSAPrivateKey = _key(text, load_pem_private_key, load_der_private_key, RSAPrivateKey, {"password": None})
    return key


def public_key(text: str) -> RSAPublicKey:
    """Loads PEM, or the base64 of SubjectPublicKeyInfo. Raises ValueError."""
    key: RSAPublicKey = _key(text, load_pem_public_key, load_der_public_key, RSAPublicKey, {})
    return key


def _key(text: str, from_pem: Any, from_der: Any, kind: Any, options: dict[str, Any]) -> Any:
    text = text.strip().replace("\\n", "\n")
    try:
        if text.startswith("-----"):
            key = from_pem(text.encode(), **options)
        else:
            key = from_der(base64.b64decode("".join(text.split()), validate=True), **options)
    except (ValueError, TypeError, binascii.Error):
        key = None
    if not isinstance(key, kind):
        raise ValueError("not an RSA key in PEM or base64")
    return key


def _without_none(value: Any) -> Any:
    """Removes None values at every depth. Keeps False, 0 and empty texts."""
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    if isinstance(value, float):
        raise TypeError("a float has no unique text")
    return value
