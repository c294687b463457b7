"""Signs and verifies the tokens of known devices."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.shared.known_devices import DeviceSigner
from integrations.security.base64url import to_text

_PURPOSE: Final = b"known-device"
_MAC_BYTES: Final = 16
_TOKEN: Final = re.compile(r"([0-9a-f]{24})\.([0-9]{1,11})\.([0-9A-Za-z_-]{22})")


class HmacDeviceSigner(DeviceSigner):
    """The first key signs, all keys verify: a key can be replaced while devices keep tokens signed by the old one."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Derived, because the keys also sign access tokens.
        self._keys = [hmac.digest(key.encode(), _PURPOSE, "sha256") for key in keys]

    def sign(self, account: str, device_id: str, expires_at: datetime) -> str:
        expires = str(int(expires_at.timestamp()))
        return f"{device_id}.{expires}.{_mac(self._keys[0], account, device_id, expires)}"

    def device_of(self, account: str, token: str, now: datetime) -> str:
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return ""
        device_id, expires, presented = parts.groups()
        authentic = any(hmac.compare_digest(_mac(key, account, device_id, expires), presented) for key in self._keys)
        return device_id if authentic and int(expires) > now.timestamp() else ""


def _mac(key: bytes, account: str, device_id: str, expires: str) -> str:
    signed = f"{account}:{device_id}:{expires}".encode()
    return to_text(hmac.digest(key, signed, "sha256")[:_MAC_BYTES])
