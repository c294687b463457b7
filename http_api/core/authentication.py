"""Authentication, authorization and rate limiting of requests, before the route's handler runs."""

import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from domain.services import Services
from domain.sessions.tokens import AccessClaims, AccessTokens, Audience
from domain.shared.actor import Actor, ActorKind
from domain.shared.authority import StaffAuthority
from domain.shared.errors import NotAuthenticated
from domain.shared.ip_addresses import IpNetwork, client_address, rate_limit_key
from domain.shared.plain_text import clean_line
from domain.shared.ports import Clock, RateLimiter
from domain.staff.ports import StaffAuthorities
from domain.users.ports import UserAccess
from http_api.core.access import Machine, Public, SignedIn, Staff
from http_api.core.endpoint import Endpoint
from http_api.core.envelope import REQUEST_ID, language_of
from http_api.core.request_context import STAFF_MEMBER, RequestContext

MACHINE_HEADER = "X-Service-Secret"


@dataclass(frozen=True)
class RequestAuthenticator:
    """Turns a request into a RequestContext, or raises the reason for refusing it."""

    tokens: AccessTokens
    staff: StaffAuthorities
    users: UserAccess
    limiter: RateLimiter
    clock: Clock
    trusted_proxies: Sequence[IpNetwork]
    machine_secret: str
    rate_factor: float = 1.0
    secure_cookies: bool = True

    async def authenticate(self, endpoint: Endpoint, request: web.Request, services: Services) -> RequestContext:
        """Applies the access rule and rate limit of `endpoint`.

        Raises NotAuthenticated, PermissionDenied, RateLimited.
        """
        address = self.address_of(request)
        from_machine = self._from_machine(request)
        if isinstance(endpoint.access, Public | Machine):
            await self._limit(endpoint, f"address:{rate_limit_key(address)}", from_machine)
            if isinstance(endpoint.access, Machine) and not from_machine:
                raise NotAuthenticated
            actor = self._actor(endpoint, request, address, "machine" if from_machine else "user", "anonymous")
            return RequestContext(request, services, actor, language_of(request), from_machine=from_machine)
        try:
            claims = self._claims(_audiences(endpoint), request)
        except NotAuthenticated:
            # Guessed tokens count as well: per address, because the caller is unknown.
            await self._limit(endpoint, f"address:{rate_limit_key(address)}", from_machine)
            raise
        await self._limit(endpoint, f"{claims.audience}:{claims.subject}", from_machine)
        if claims.audience == "mp":
            await self.users.require_session(claims)
            actor = self._actor(endpoint, request, address, "user", claims.subject)
            return RequestContext(request, services, actor, language_of(request), claims.session_id)
        authority = await self.staff.authority_of(claims)
        request[STAFF_MEMBER] = authority
        if not (isinstance(endpoint.access, Staff) and endpoint.access.before_password_change):
            authority.require(*(endpoint.access.permissions if isinstance(endpoint.access, Staff) else ()))
        actor = self._actor(endpoint, request, address, "staff", authority.id, authority.name)
        return RequestContext(request, services, actor, language_of(request), claims.session_id, authority)

    def address_of(self, request: web.BaseRequest) -> str:
        """The client's IP address, behind trusted proxies."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return client_address(request.remote or "", forwarded, self.trusted_proxies)

    async def authenticated_staff(self, request: web.Request) -> StaffAuthority:
        """The staff member whose access token the request carries, on a route with public access.

        Raises NotAuthenticated, StaffSuspended, StaffDisabled.
        """
        return await self.staff.authority_of(self._claims(("staff",), request))

    def _claims(self, audiences: Sequence[Audience], request: web.Request) -> AccessClaims:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated
        for audience in audiences[:-1]:
            with suppress(NotAuthenticated):
                return self.tokens.verify(audience, token.strip(), self.clock.now())
        return self.tokens.verify(audiences[-1], token.strip(), self.clock.now())

    async def _limit(self, endpoint: Endpoint, caller: str, from_machine: bool) -> None:
        if from_machine:
            return
        allowed = endpoint.rate_limit.value
        await self.limiter.hit(
            f"rate:{endpoint.rate_limit.name}:{caller}", int(allowed.limit * self.rate_factor), allowed.window_seconds
        )

    def _from_machine(self, request: web.Request) -> bool:
        shown = request.headers.get(MACHINE_HEADER, "")
        known = self.machine_secret.encode()
        return bool(known) and hmac.compare_digest(shown.encode(errors="replace"), known)

    @staticmethod
    def _actor(
        endpoint: Endpoint, request: web.Request, address: str, kind: ActorKind, actor_id: str, name: str = ""
    ) -> Actor:
        return Actor.model_construct(
            kind=kind,
            id=actor_id,
            name=name,
            action=endpoint.audit or "",
            address=address,
            # Invalid bytes arrive as lone surrogates, which no store accepts.
            user_agent=clean_line(request.headers.get("User-Agent", "")[:256]),
            request_id=request[REQUEST_ID],
        )


def _audiences(endpoint: Endpoint) -> tuple[Audience, ...]:
    if isinstance(endpoint.access, SignedIn):
        return ("staff", "mp")
    return ("staff",) if isinstance(endpoint.access, Staff) else ("mp",)
