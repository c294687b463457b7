"""The base of staff namespaces: entered with a staff access token and a permission."""

from typing import Any

from domain.presence.recovery import RecoveryRecord
from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from realtime.namespaces.base import ClientNamespace


class StaffNamespace(ClientNamespace[AccessClaims, StaffAuthority]):
    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        return frozenset({"staff"})

    def identify(self, environ: dict[str, Any], auth: object) -> AccessClaims:
        return self._context.authenticator.identify(environ, auth)

    def verify(self, token: str) -> AccessClaims:
        return self._context.authenticator.verify(token)

    async def authorise(self, credential: AccessClaims, record: RecoveryRecord | None) -> StaffAuthority:
        authority = await self._context.authenticator.authority(credential, record)
        self._context.authenticator.require(authority, *([self.permission] if self.permission else []))
        return authority

    async def allowed_rooms(self, visitor: StaffAuthority, recorded: frozenset[str] | None) -> frozenset[str]:
        return self.rooms_of(visitor)
