"""Base64 with the alphabet for URLs, without padding."""

import base64


def to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    """Raises ValueError for another alphabet or an impossible length."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
