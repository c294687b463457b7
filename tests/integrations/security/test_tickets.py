"""Invitations and tickets cannot be forged, changed, or exchanged for each other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interviews.errors import InviteInvalid, TicketExpired, TicketInvalid
from domain.interviews.invites.model import GuestTicket, InviteClaims
from integrations.security.tickets import HmacTicketSigner

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CLAIMS = InviteClaims(room_id="room_1777622400000_ab12cd", invite_id="66f0a1b2c3d4e5f6a7b8c9d0", expires_at=LATER)
TICKET = GuestTicket(
    room_id=CLAIMS.room_id,
    participant_id="p0123456789abcdef0123",
    identity="helper",
    name="阿姨-赵",
    invite_id=CLAIMS.invite_id,
    ticket_id="66f0a1b2c3d4e5f6a7b8c9d1",
    expires_at=LATER,
)
SIGNER = HmacTicketSigner(["a key of tests that is long enough"])


def test_signed_codes_and_tickets_are_read_back() -> None:
    code, token = SIGNER.sign_invite(CLAIMS), SIGNER.sign_ticket(TICKET, NOW)

    assert SIGNER.read_invite(code) == CLAIMS
    assert SIGNER.read_ticket(token, NOW) == TICKET
    assert len(code) <= 100  # a code is scanned and forwarded


def test_tickets_expire() -> None:
    with pytest.raises(TicketExpired):
        SIGNER.read_ticket(SIGNER.sign_ticket(TICKET, NOW), LATER)


def test_a_replaced_key_still_verifies_but_no_longer_signs() -> None:
    old, new = HmacTicketSigner(["the old key"]), HmacTicketSigner(["the new key", "the old key"])

    assert new.read_invite(old.sign_invite(CLAIMS)) == CLAIMS
    assert new.read_ticket(old.sign_ticket(TICKET, NOW), NOW) == TICKET
    with pytest.raises(TicketInvalid):
        old.read_ticket(new.sign_ticket(TICKET, NOW), NOW)


def test_a_code_is_not_accepted_as_a_ticket_nor_a_ticket_as_a_code() -> None:
    with pytest.raises(TicketInvalid):
        SIGNER.read_ticket(SIGNER.sign_invite(CLAIMS), NOW)
    with pytest.raises(InviteInvalid):
        SIGNER.read_invite(SIGNER.sign_ticket(TICKET, NOW))


def test_codes_and_tickets_of_another_key_are_refused() -> None:
    other = HmacTicketSigner(["a key of another installation"])

    with pytest.raises(InviteInvalid):
        SIGNER.read_invite(other.sign_invite(CLAIMS))
    with pytest.raises(TicketInvalid):
        SIGNER.read_ticket(other.sign_ticket(TICKET, NOW), NOW)


@given(st.data())
def test_one_changed_character_invalidates_a_code_and_a_ticket(data: st.DataObject) -> None:
    with pytest.raises(InviteInvalid):
        SIGNER.read_invite(_changed(SIGNER.sign_invite(CLAIMS), data))
    with pytest.raises(TicketInvalid):
        SIGNER.read_ticket(_changed(SIGNER.sign_ticket(TICKET, NOW), data), NOW)


def _changed(text: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_.").filter(lambda each: each != text[at]))
    return text[:at] + other + text[at + 1 :]


@given(st.text(max_size=300))
def test_arbitrary_text_is_refused(text: str) -> None:
    with pytest.raises(InviteInvalid):
        SIGNER.read_invite(text)
    with pytest.raises(TicketInvalid):
        SIGNER.read_ticket(text, NOW)
