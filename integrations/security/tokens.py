"""Issues and verifies access tokens as signed JWTs."""

import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.utils import base64url_encode

from domain.sessions.tokens import AccessClaims, AccessTokens, Audience
from domain.shared.errors import NotAuthenticated

MIN_KEY_BYTES = 32
MAX_TOKEN_LENGTH = 2048
"""Our tokens have about 400 characters; a longer one is refused before it is parsed."""

_ALGORITHM = "HS256"
_TYPE = "access"
_HEADER = base64url_encode(json.dumps({"alg": _ALGORITHM, "typ": "JWT"}, separators=(",", ":")).encode())
_SIGNED = "~"
"""Separates the seed of a refresh secret from its signature; base64url and hexadecimal text have no such character."""
_CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "exp", "typ")


class JwtAccessTokens(AccessTokens):
    """The first key signs, all keys verify: a key can be replaced while tokens signed by the old one stay valid."""

    def __init__(self, keys: Sequence[str], issuer: str, lifetimes: Mapping[Audience, timedelta]) -> None:
        if not keys or any(len(key.encode()) < MIN_KEY_BYTES for key in keys):
            raise ValueError(f"a signing key needs at least {MIN_KEY_BYTES} bytes")
        self._keys = tuple(keys)
        self._issuer = issuer
        self._signing_key = keys[0].encode()
        self._lifetimes = dict(lifetimes)

    def issue(self, audience: Audience, subject: str, session_id: str, now: datetime) -> tuple[str, int]:
        lifetime = int(self._lifetimes[audience].total_seconds())
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "sub": subject,
            "sid": session_id,
            "jti": secrets.token_urlsafe(12),
            "iat": issued_at,
            "exp": issued_at + lifetime,
            "typ": _TYPE,
        }
        return self._signed(claims), lifetime

    def _signed(self, claims: Mapping[str, Any]) -> str:
        """Signs as PyJWT does, which would check the key for PEM and SSH formats and encode the header every time."""
        signed = _HEADER + b"." + base64url_encode(json.dumps(claims, separators=(",", ":")).encode())
        return (signed + b"." + base64url_encode(hmac.digest(self._signing_key, signed, "sha256"))).decode()

    def refresh_secret(self, session_id: str, seed: str) -> str:
        return f"{seed}{_SIGNED}{_refresh_signature(self._signing_key, session_id, seed)}"

    def next_refresh_secret(self, session_id: str, secret: str) -> str:
        return self.refresh_secret(session_id, _digest(self._signing_key, f"refresh:{secret}"))

    def is_refresh_secret(self, session_id: str, secret: str) -> bool:
        seed, _, signature = secret.partition(_SIGNED)
        return any(
            hmac.compare_digest(_refresh_signature(key.encode(), session_id, seed), signature) for key in self._keys
        )

    def verify(self, audience: Audience, token: str, now: datetime) -> AccessClaims:
        claims = self._authentic_claims(audience, token)
        if claims["typ"] != _TYPE or claims["aud"] != audience:  # PyJWT also accepts a list of audiences
            raise NotAuthenticated(reason="invalid")
        if not all(type(claims[name]) is str and claims[name] for name in ("sub", "sid")):
            raise NotAuthenticated(reason="invalid")
        expires_at = _instant(claims["exp"])
        if expires_at <= now:
            raise NotAuthenticated(reason="expired")
        return AccessClaims(
            audience=audience,
            subject=claims["sub"],
            session_id=claims["sid"],
            expires_at=expires_at,
        )

    def _authentic_claims(self, audience: Audience, token: str) -> dict[str, Any]:
        """The claims of a token signed by one of our keys, with all required claims. The caller checks the expiry."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise NotAuthenticated(reason="invalid")
        for key in self._keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[_ALGORITHM],
                    audience=audience,
                    issuer=self._issuer,
                    options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
                )
            except jwt.InvalidSignatureError:
                continue  # maybe signed by the previous key
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError):  # RecursionError: a deeply nested header
                break
        raise NotAuthenticated(reason="invalid")


def _instant(seconds: object) -> datetime:
    """A claim in seconds. Raises NotAuthenticated for another type, and for a time that no calendar has."""
    if type(seconds) is not int:
        raise NotAuthenticated(reason="invalid")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise NotAuthenticated(reason="invalid") from None


def _refresh_signature(key: bytes, session_id: str, seed: str) -> str:
    return _digest(key, f"refresh-of:{session_id}:{seed}")


def _digest(key: bytes, text: str) -> str:
    return base64url_encode(hmac.digest(key, text.encode(), "sha256")).decode()
