"""Signs and verifies interview invitations and guest tickets, so that they cannot be forged or exchanged."""

import hashlib
import hmac
import json
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bson import ObjectId
from pydantic import ValidationError

from domain.interviews.errors import InviteInvalid, TicketExpired, TicketInvalid
from domain.interviews.invites.model import GuestTicket, InviteClaims
from domain.interviews.ports import TicketSigner
from integrations.security.base64url import to_bytes, to_text

MAX_CODE_LENGTH: Final = 200
MAX_TICKET_LENGTH: Final = 1024
_MAC_BYTES: Final = 16
_CODE_PURPOSE: Final = b"interview-invite"
_TICKET_PURPOSE: Final = b"interview-ticket"
_INVITE_TAIL: Final = struct.Struct(">12sQ")


class HmacTicketSigner(TicketSigner):
    """The first key signs, all keys verify: a key can be replaced while links signed by the old one stay valid.

    A code is part of a link that is scanned and forwarded, so it is short: room, invitation, expiry, 128-bit MAC.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("a key is needed")
        # Derived, so that the key may serve other purposes too, and a code is never accepted as a ticket.
        self._code_keys = [_derived(key, _CODE_PURPOSE) for key in keys]
        self._ticket_keys = [_derived(key, _TICKET_PURPOSE) for key in keys]

    def sign_invite(self, claims: InviteClaims) -> str:
        tail = _INVITE_TAIL.pack(ObjectId(claims.invite_id).binary, int(claims.expires_at.timestamp()))
        body = claims.room_id.encode() + tail
        return to_text(body + _mac(self._code_keys[0], body)[:_MAC_BYTES])

    def read_invite(self, code: str) -> InviteClaims:
        raw = _bytes(code, MAX_CODE_LENGTH)
        if raw is None or len(raw) <= _INVITE_TAIL.size + _MAC_BYTES:
            raise InviteInvalid
        body, presented = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not _is_authentic(self._code_keys, body, presented):
            raise InviteInvalid
        invite_id, seconds = _INVITE_TAIL.unpack(body[-_INVITE_TAIL.size :])
        expires_at = datetime.fromtimestamp(seconds, UTC)
        room_id = body[: -_INVITE_TAIL.size].decode()
        return InviteClaims(room_id=room_id, invite_id=invite_id.hex(), expires_at=expires_at)

    def sign_ticket(self, ticket: GuestTicket, now: datetime) -> str:
        body = json.dumps(
            ticket.model_dump(mode="json", by_alias=True), ensure_ascii=False, separators=(",", ":")
        ).encode()
        return f"{to_text(body)}.{to_text(_mac(self._ticket_keys[0], body)[:_MAC_BYTES])}"

    def read_ticket(self, token: str, now: datetime) -> GuestTicket:
        first, _, second = token.partition(".")
        body, presented = _bytes(first, MAX_TICKET_LENGTH), _bytes(second, MAX_TICKET_LENGTH)
        if body is None or presented is None or not _is_authentic(self._ticket_keys, body, presented):
            raise TicketInvalid
        try:
            ticket = GuestTicket.model_validate_json(body)
        except ValidationError:  # signed by an earlier version with other fields
            raise TicketInvalid from None
        if ticket.expires_at <= now:
            raise TicketExpired
        return ticket


def _derived(key: str, purpose: bytes) -> bytes:
    return hmac.digest(key.encode(), purpose, hashlib.sha256)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)


def _is_authentic(keys: Sequence[bytes], body: bytes, presented: bytes) -> bool:
    """Constant time for each key; which key signed is no secret."""
    return any(hmac.compare_digest(_mac(key, body)[:_MAC_BYTES], presented) for key in keys)


def _bytes(text: str, most: int) -> bytes | None:
    """None for a text that we never produce: too long, another alphabet, or a non-canonical encoding."""
    if len(text) > most or not text.isascii():
        return None
    try:
        raw = to_bytes(text)
    except ValueError:
        return None
    return raw if to_text(raw) == text else None
