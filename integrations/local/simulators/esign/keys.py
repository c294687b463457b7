"""RSA keys of the simulated provider and of its customer, generated on first use and kept in a directory."""

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

from domain.shared.text import Text
from integrations.local.kept_files import kept

SIMULATED_APP_ID: Final = "900000001"
_NEW_KEYS: Final = Text("电子签模拟器改用新密钥", "the simulated e-sign provider uses new keys")


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
    return DevelopmentKeys(_kept_key(directory / "merchant.pem"), _kept_key(directory / "platform.pem"))


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _kept_key(path: Path) -> rsa.RSAPrivateKey:
    return kept(path, lambda: _private_pem(new_key()), _rsa_key_in, _NEW_KEYS)


def _rsa_key_in(pem: bytes) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
