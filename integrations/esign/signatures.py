"""How 爱签 wants a request signed: one exact text, and RSA over it."""

import base64
import binascii
import hashlib
import json
from datetime import datetime
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

AHEAD_MILLISECONDS: Final = 600_000
"""A request's time stamp lies so far in the future; the provider takes it for an expiry."""

# The provider prescribes SHA-1. A signature under a private key of 2048 bits is not what its weakness is about
# (collisions), and there is no choice.
REQUEST_HASH: Final[HashAlgorithm] = SHA1()  # noqa: S303
CALLBACK_HASHES: Final[tuple[HashAlgorithm, ...]] = (SHA1(), SHA256())  # noqa: S303


def compact(business: Any) -> str:
    """`bizData`: keys in order at every depth, nothing absent, no blank, Chinese as it is. Sent and signed as this."""
    return json.dumps(_present(business), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def timestamp_of(now: datetime) -> str:
    return str(int(now.timestamp() * 1000) + AHEAD_MILLISECONDS)


def to_sign(business: str, app_id: str, timestamp: str) -> bytes:
    # MD5 is part of the provider's format; the signature goes over the whole text as well.
    digest = hashlib.md5(business.encode(), usedforsecurity=False).hexdigest()
    return f"{business}{digest}{app_id}{timestamp}".encode()


def signature(key: RSAPrivateKey, text: bytes) -> str:
    return base64.b64encode(key.sign(text, PKCS1v15(), REQUEST_HASH)).decode()


def is_signature(key: RSAPublicKey, shown: str, text: bytes, algorithm: HashAlgorithm) -> bool:
    try:
        key.verify(base64.b64decode(shown, validate=True), text, PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def private_key(text: str) -> RSAPrivateKey:
    """PEM, or the bare base64 of PKCS#8. ValueError for anything else; it does not quote the key."""
    key: RSAPrivateKey = _key(text, load_pem_private_key, load_der_private_key, RSAPrivateKey, {"password": None})
    return key


def public_key(text: str) -> RSAPublicKey:
    """PEM, or the bare base64 of SubjectPublicKeyInfo. ValueError for anything else."""
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


def _present(value: Any) -> Any:
    """Without what is absent: None anywhere. False and 0 say something."""
    if isinstance(value, dict):
        return {name: _present(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_present(item) for item in value]
    if isinstance(value, float):
        raise TypeError("floats have no one text")
    return value
