"""Invitations and tickets of interviews: signed, so that nobody makes one up or turns one into another."""

import base64
import binascii
import hashlib
import hmac
import json
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bson import ObjectId
from pydantic import ValidationError

from domain.interviews.errors import InviteExpired, InviteInvalid, TicketExpired, TicketInvalid
from domain.interviews.invites.model import GuestTicket, InviteClaims
from domain.interviews.ports import TicketSigner

LONGEST_CODE: Final = 200
LONGEST_TICKET: Final = 1024
_MAC_BYTES: Final = 16
_FOR_CODES: Final = b"interview-invite"
_FOR_TICKETS: Final = b"interview-ticket"
_TAIL: Final = struct.Struct(">12sQ")


class HmacTickets(TicketSigner):
    """The first key signs; all keys verify, so that a key can be replaced while links of the old one live on.

    A code goes into a link that people scan and forward, so it is short: room, invitation, end, 128 bits of proof.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("a key is needed")
        # Derived, so that one key may serve other purposes elsewhere, and a code is never taken for a ticket.
        self._code_keys = [_derived(key, _FOR_CODES) for key in keys]
        self._ticket_keys = [_derived(key, _FOR_TICKETS) for key in keys]

    def sign_invite(self, claims: InviteClaims) -> str:
        tail = _TAIL.pack(ObjectId(claims.invite_id).binary, int(claims.expires_at.timestamp()))
        body = claims.room_id.encode() + tail
        return _text(body + _mac(self._code_keys[0], body)[:_MAC_BYTES])

    def read_invite(self, code: str, now: datetime) -> InviteClaims:
        raw = _bytes(code, LONGEST_CODE)
        if raw is None or len(raw) <= _TAIL.size + _MAC_BYTES:
            raise InviteInvalid
        body, shown = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not _proven(self._code_keys, body, shown):
            raise InviteInvalid
        invite_id, seconds = _TAIL.unpack(body[-_TAIL.size :])
        expires_at = datetime.fromtimestamp(seconds, UTC)
        if expires_at <= now:
            raise InviteExpired
        room_id = body[: -_TAIL.size].decode()
        return InviteClaims(room_id=room_id, invite_id=invite_id.hex(), expires_at=expires_at)

    def sign_ticket(self, ticket: GuestTicket, now: datetime) -> str:
        body = json.dumps(
            ticket.model_dump(mode="json", by_alias=True), ensure_ascii=False, separators=(",", ":")
        ).encode()
        return f"{_text(body)}.{_text(_mac(self._ticket_keys[0], body)[:_MAC_BYTES])}"

    def read_ticket(self, token: str, now: datetime) -> GuestTicket:
        first, _, second = token.partition(".")
        body, shown = _bytes(first, LONGEST_TICKET), _bytes(second, LONGEST_TICKET)
        if body is None or shown is None or not _proven(self._ticket_keys, body, shown):
            raise TicketInvalid
        try:
            ticket = GuestTicket.model_validate_json(body)
        except ValidationError:  # signed by a version of ours that said something else
            raise TicketInvalid from None
        if ticket.expires_at <= now:
            raise TicketExpired
        return ticket


def _derived(key: str, purpose: bytes) -> bytes:
    return hmac.digest(key.encode(), purpose, hashlib.sha256)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)


def _proven(keys: Sequence[bytes], body: bytes, shown: bytes) -> bool:
    """Constant time for each key; which of our keys signed is no secret."""
    return any(hmac.compare_digest(_mac(key, body)[:_MAC_BYTES], shown) for key in keys)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str, most: int) -> bytes | None:
    """None for what we never write: too long, another alphabet, another form of the same bytes."""
    if len(text) > most or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == text else None
