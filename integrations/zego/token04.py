"""token04, the media token that admits a client to a ZEGO room: sealing and opening.

`04` + base64 of (int64 expire | uint16 length, IV | uint16 length, ciphertext | mode byte), big-endian. The mode byte
exists only in the current form, AES-256-GCM; the legacy form is AES-256-CBC and ends with its ciphertext.
"""

import base64
import binascii
import json
import re
import secrets
import struct
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from pydantic import BaseModel, ConfigDict, Field, ValidationError

VERSION: Final = "04"
SECRET_BYTES: Final = 32
"""The secret of ZEGO's console has 32 characters, used as bytes although they look like hexadecimal."""
MAX_TOKEN_LENGTH: Final = 8192
_GCM_MODE: Final = b"\x01"
_GCM_IV_BYTES: Final = 12
_CBC_IV_BYTES: Final = 16
_IV_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_USER_ID: Final = re.compile(r"[A-Za-z0-9_]{1,32}", re.ASCII)
_MAX_APP_ID: Final = 2**32 - 1
_MAX_NONCE: Final = 2**31 - 1


class Mode(Enum):
    GCM = "gcm"
    CBC = "cbc"
    """The legacy form: only opened, never issued."""


class BadToken(ValueError):
    """The token is of another project, not valid now, or damaged. The reason is for logs, not for the client."""


class Claims(BaseModel):
    """The content of a token, named and ordered as on the wire."""

    model_config = ConfigDict(frozen=True, strict=True)

    app_id: int = Field(gt=0, le=_MAX_APP_ID)
    user_id: str
    nonce: int
    ctime: int
    expire: int
    payload: str = ""


class RoomAccess(BaseModel):
    """The payload that binds a token to one room (ZEGO checks it for projects in strict mode)."""

    model_config = ConfigDict(frozen=True, strict=True)

    room_id: str
    privilege: dict[str, int]
    stream_id_list: list[str] | None = None

    @property
    def may_log_in(self) -> bool:
        return self.privilege.get("1") == 1

    @property
    def may_publish(self) -> bool:
        return self.privilege.get("2") == 1


def room_payload(room_id: str, *, publish: bool = True) -> str:
    """A JSON text: ZEGO expects `payload` to be a string, not an object."""
    access = {"room_id": room_id, "privilege": {"1": 1, "2": int(publish)}, "stream_id_list": None}
    return json.dumps(access, separators=(",", ":"))


def room_access(claims: Claims) -> RoomAccess | None:
    """None for a token that is bound to no room, which admits to every room. Raises BadToken for an invalid payload."""
    if not claims.payload:
        return None
    try:
        return RoomAccess.model_validate_json(claims.payload)
    except ValidationError:
        raise BadToken("payload") from None


class Token04:
    """Seals and opens the tokens of one project. Raises ValueError for an invalid app id or secret."""

    def __init__(self, app_id: int, server_secret: str) -> None:
        self._key = server_secret.encode()
        if len(self._key) != SECRET_BYTES:
            raise ValueError("the server secret must have 32 characters")
        if not 0 < app_id <= _MAX_APP_ID:
            raise ValueError("the app id is out of range")
        self.app_id = app_id

    def issue(self, user_id: str, payload: str, now: int, seconds: int) -> str:
        """Raises ValueError for a user id that some ZEGO SDKs do not accept, or a lifetime that is not positive."""
        if not _USER_ID.fullmatch(user_id) or seconds <= 0:
            raise ValueError("the user id or the lifetime of the token is not acceptable")
        nonce = secrets.randbelow(_MAX_NONCE)
        claims = Claims(
            app_id=self.app_id, user_id=user_id, nonce=nonce, ctime=now, expire=now + seconds, payload=payload
        )
        return self.seal(claims)

    def seal(self, claims: Claims, mode: Mode = Mode.GCM, iv: bytes | None = None) -> str:
        """`iv` is for test vectors: using one twice reveals the key."""
        plain = json.dumps(claims.model_dump(), separators=(",", ":"), ensure_ascii=False).encode()
        if mode is Mode.GCM:
            iv = iv or secrets.token_bytes(_GCM_IV_BYTES)
            sealed, tail = AESGCM(self._key).encrypt(iv, plain, None), _GCM_MODE
        else:
            iv = iv or "".join(secrets.choice(_IV_ALPHABET) for _ in range(_CBC_IV_BYTES)).encode()
            sealed, tail = self._cbc_sealed(iv, plain), b""
        packed = struct.pack(">q", claims.expire) + _with_length(iv) + _with_length(sealed) + tail
        return VERSION + base64.b64encode(packed).decode()

    def open(self, token: str, now: int) -> Claims:
        """The content of a token of either mode. Raises BadToken, also for an expired token."""
        expire, iv, sealed, mode = _unpacked(token)
        plain = self._opened(iv, sealed, mode)
        try:
            claims = Claims.model_validate_json(plain)
        except ValidationError:
            raise BadToken("content") from None
        if claims.expire != expire:
            raise BadToken("expiry of envelope and content differ")
        if claims.app_id != self.app_id:
            raise BadToken("app id")
        if claims.expire <= now:
            raise BadToken("expired")
        return claims

    def _opened(self, iv: bytes, sealed: bytes, mode: Mode) -> bytes:
        try:
            if mode is Mode.GCM:
                return AESGCM(self._key).decrypt(iv, sealed, None)
            return self._cbc_opened(iv, sealed)
        except (InvalidTag, ValueError):
            raise BadToken("cannot be decrypted") from None

    def _cbc_sealed(self, iv: bytes, plain: bytes) -> bytes:
        padder, encryptor = PKCS7(AES.block_size).padder(), Cipher(AES(self._key), CBC(iv)).encryptor()
        return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()

    def _cbc_opened(self, iv: bytes, sealed: bytes) -> bytes:
        decryptor, unpadder = Cipher(AES(self._key), CBC(iv)).decryptor(), PKCS7(AES.block_size).unpadder()
        return unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()


def _with_length(part: bytes) -> bytes:
    return struct.pack(">H", len(part)) + part


def _unpacked(token: str) -> tuple[int, bytes, bytes, Mode]:
    """The parts must fill the buffer; the remaining bytes tell the mode."""
    if not token.startswith(VERSION) or len(token) > MAX_TOKEN_LENGTH:
        raise BadToken("version")
    try:
        packed = base64.b64decode(token[len(VERSION) :], validate=True)
        (expire,) = struct.unpack_from(">q", packed, 0)
        iv, at = _part(packed, 8)
        sealed, at = _part(packed, at)
    except (binascii.Error, ValueError, struct.error):
        raise BadToken("form") from None
    match packed[at:]:
        case b"":
            return expire, iv, sealed, Mode.CBC
        case b"\x01":
            return expire, iv, sealed, Mode.GCM
        case _:
            raise BadToken("left-over bytes")


def _part(packed: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", packed, at)
    end = at + 2 + length
    if end > len(packed):
        raise ValueError("the part is shorter than its length field")
    return packed[at + 2 : end], end
