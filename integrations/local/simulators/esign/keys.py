"""RSA keys of the simulated provider and of its customer, generated on first use and kept in a directory."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SIMULATED_APP_ID: Final = "900000001"


@dataclass(frozen=True)
class DevelopmentKeys:
    merchant: rsa.RSAPrivateKey
    platform: rsa.RSAPrivateKey

    @property
    def merchant_private_pem(self) -> str:
        """The value for ESIGN_PRIVATE_KEY."""
        return _private_pem(self.merchant).decode()

    @property
    def platform_public_pem(self) -> str:
        """The value for ESIGN_PUBLIC_KEY."""
        public = self.platform.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def development_keys(directory: Path) -> DevelopmentKeys:
    """The same keys at every start with the same directory."""
    return DevelopmentKeys(_load_or_generate(directory / "merchant.pem"), _load_or_generate(directory / "platform.pem"))


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _load_or_generate(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_private_pem(new_key()))
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{path} is not an RSA key")
    return key


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
