"""Addresses of invitation links, and the cookies that carry a guest's invitation and ticket for legacy pages."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

TICKET_COOKIE: Final = "interview_ticket"
INVITE_COOKIE: Final = "interview_invite"
TICKET_HEADER: Final = "X-Interview-Ticket"
_PATH: Final = "/api"
_PAGE: Final = "/interview/{roomId}#{code}"


@dataclass(frozen=True, slots=True)
class GuestLinks:
    """Templates with `{roomId}` and `{code}`; a relative address is completed with the host of the request."""

    link: str = _PAGE
    page: str = _PAGE

    def link_to(self, request: web.Request, room_id: str, code: str, *, secure: bool) -> str:
        """The address that a host sends to a guest."""
        return self._completed(self.link, request, room_id, code, secure)

    def page_of(self, request: web.Request, room_id: str, code: str, *, secure: bool) -> str:
        """The address that `/api/interview/i/{code}` redirects to."""
        return self._completed(self.page, request, room_id, code, secure)

    @staticmethod
    def _completed(template: str, request: web.Request, room_id: str, code: str, secure: bool) -> str:
        address = template.replace("{roomId}", quote(room_id, safe="")).replace("{code}", quote(code, safe=""))
        if urlsplit(address).scheme:
            return address
        return f"{'https' if secure else request.scheme}://{request.host}{address}"


BUILT_IN: Final = GuestLinks()
GUEST_LINKS: Final = web.AppKey("guest_links", GuestLinks)


def cookie(name: str, value: str, seconds: int, *, secure: bool) -> str:
    """A `Set-Cookie` value: HttpOnly, and not sent with requests of other sites (SameSite=Lax)."""
    safe = "; Secure" if secure else ""
    return f"{name}={value}; Path={_PATH}; Max-Age={seconds}; HttpOnly; SameSite=Lax{safe}"
