"""Authentication of `/interview`: staff by access token, guests by ticket."""

from collections.abc import Mapping
from typing import Any

from domain.interviews.errors import TicketInvalid
from domain.interviews.invites.model import GuestTicket
from domain.interviews.ports import TicketSigner
from domain.sessions.tokens import AccessClaims
from domain.shared.errors import DomainError
from domain.shared.ports import Clock
from realtime.delivery.staff_authentication import INVALID_TOKEN, StaffAuthenticator, refusal
from realtime.socketio.errors import Refused

InterviewCredential = AccessClaims | GuestTicket


class InterviewCredentials:
    def __init__(self, staff: StaffAuthenticator, signer: TicketSigner, clock: Clock) -> None:
        self._staff = staff
        self._signer = signer
        self._clock = clock

    def identify(self, environ: Mapping[str, Any], auth: object) -> InterviewCredential:
        """`auth.ticket`, or an access token of staff. Raises Refused."""
        ticket = auth.get("ticket") if isinstance(auth, dict) else None
        if ticket is None:
            return self._staff.identify(environ, auth)
        return self._read_ticket(ticket)

    def verify(self, token: str) -> InterviewCredential:
        """A ticket or an access token. Raises Refused."""
        try:
            return self._staff.verify(token)
        except Refused as refused:
            if refused.code != INVALID_TOKEN[0]:
                raise
        return self._read_ticket(token)

    def _read_ticket(self, ticket: object) -> GuestTicket:
        try:
            if not isinstance(ticket, str):
                raise TicketInvalid
            return self._signer.read_ticket(ticket, self._clock.now())
        except DomainError as error:
            raise refusal(error) from None
