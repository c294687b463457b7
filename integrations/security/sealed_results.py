"""Sealed results: AES-GCM for the content, X25519 for the key to it, so that only the holders of a secret read them.

A secret is an X25519 private key, its recipient the public key. The process that seals knows the recipients only, and
so does the store.
"""

import secrets
from collections.abc import Collection, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.tasks.ports import ResultSealer, Sealed
from integrations.security.base64url import to_bytes, to_text

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NO_NONCE: Final = bytes(_NONCE_BYTES)
"""For a key that encrypts once: the one that is derived for a recipient."""
_PURPOSE: Final = b"task-result"


class X25519Sealer(ResultSealer):
    def new_secret(self) -> str:
        return to_text(secrets.token_bytes(_KEY_BYTES))

    def recipient_of(self, secret: str) -> str:
        return to_text(_private(secret).public_key().public_bytes_raw())

    def seal(self, parts: Sequence[bytes], recipients: Collection[str], context: str) -> Sealed:
        content_key = secrets.token_bytes(_KEY_BYTES)
        return Sealed(
            parts=tuple(_encrypted(content_key, part, number, context) for number, part in enumerate(parts)),
            keys={recipient: _wrapped(content_key, to_bytes(recipient), context) for recipient in recipients},
        )

    def open(self, part: bytes, number: int, key: bytes, secret: str, context: str) -> bytes:
        sender, wrapped = key[:_KEY_BYTES], key[_KEY_BYTES:]
        try:
            private = _private(secret)
            shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
            derived = _derived(shared, sender, private.public_key().public_bytes_raw())
            content_key = AESGCM(derived).decrypt(_NO_NONCE, wrapped, context.encode())
            nonce, sealed = part[:_NONCE_BYTES], part[_NONCE_BYTES:]
            return AESGCM(content_key).decrypt(nonce, sealed, _place(number, context))
        except (InvalidTag, ValueError):
            raise ValueError("not sealed for this secret") from None


def _encrypted(key: bytes, part: bytes, number: int, context: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, part, _place(number, context))


def _wrapped(content_key: bytes, recipient: bytes, context: str) -> bytes:
    """The public key of a new sender, and the content key, encrypted by what sender and recipient have in common."""
    sender = X25519PrivateKey.generate()
    sender_public = sender.public_key().public_bytes_raw()
    shared = sender.exchange(X25519PublicKey.from_public_bytes(recipient))
    derived = _derived(shared, sender_public, recipient)
    return sender_public + AESGCM(derived).encrypt(_NO_NONCE, content_key, context.encode())


def _derived(shared: bytes, sender: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE + sender + recipient).derive(shared)


def _place(number: int, context: str) -> bytes:
    return f"{number}:{context}".encode()


def _private(secret: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(to_bytes(secret))
