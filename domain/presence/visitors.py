"""Whoever may be connected: a member of staff by an access token, a guest of an interview by a ticket."""

from domain.interviews.invites.model import GuestTicket
from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority

Credential = AccessClaims | GuestTicket
"""What was shown. Both have a `subject`, a `session_id` and an `expires_at`."""
Visitor = StaffAuthority | GuestTicket
"""Whom it was found to be. Both have an `id` (the subject), a `name` and a `role`."""
