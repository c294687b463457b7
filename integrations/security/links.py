"""Signs links to files."""

import hmac
from collections.abc import Sequence
from typing import Final

from integrations.security.base64url import to_text

_PURPOSE: Final = b"file-link"


class HmacLinkSigner:
    """Implements `LinkSigner`. The first key signs, all keys verify, so that links outlive the exchange of a key."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Derived, because the keys also sign access tokens.
        self._keys = [hmac.digest(key.encode(), _PURPOSE, "sha256") for key in keys]

    def sign(self, text: str) -> str:
        return _mac(self._keys[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        return any(hmac.compare_digest(_mac(key, text), signature) for key in self._keys)


def _mac(key: bytes, text: str) -> str:
    return to_text(hmac.digest(key, text.encode(), "sha256"))
