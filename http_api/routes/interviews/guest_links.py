"""Addresses of invitation links, and the cookies that carry a guest's invitation and ticket for legacy pages."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

TICKET_COOKIE: Final = "interview_ticket"
INVITE_COOKIE: Final = "interview_invite"
TICKET_HEADER: Final = "X-Interview-Ticket"
_PATH: Final = "/api"


@dataclass(frozen=True, slots=True)
class GuestLinks:
    """`link` and `page` are templates with `{roomId}` and `{code}`: web addresses, or paths of this installation."""

    public_url: str
    link: str
    page: str

    def link_to(self, room_id: str, code: str) -> str:
        """The address that a host sends to a guest."""
        address = _filled(self.link, room_id, code)
        return f"{self.public_url}{address}" if address.startswith("/") else address

    def page_of(self, room_id: str, code: str) -> str:
        """The address that `/api/interview/i/{code}` redirects to; a path leads to the host that the guest has used."""
        return _filled(self.page, room_id, code)


GUEST_LINKS: Final = web.AppKey("guest_links", GuestLinks)


def _filled(template: str, room_id: str, code: str) -> str:
    return template.replace("{roomId}", quote(room_id, safe="")).replace("{code}", quote(code, safe=""))


def cookie(name: str, value: str, seconds: int, *, secure: bool) -> str:
    """A `Set-Cookie` value: HttpOnly, and not sent with requests of other sites (SameSite=Lax)."""
    safe = "; Secure" if secure else ""
    return f"{name}={value}; Path={_PATH}; Max-Age={seconds}; HttpOnly; SameSite=Lax{safe}"
