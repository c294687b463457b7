"""Authentication of staff: verifies the token of a handshake and reads the permissions, with a short-lived cache."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.presence.recovery import RecoveryRecord
from domain.sessions.tokens import AccessClaims, AccessTokens
from domain.shared.authority import Role, StaffAuthority
from domain.shared.errors import DomainError, NotAuthenticated, PermissionDenied
from domain.shared.events import StreamEntry, parse_offset
from domain.shared.ports import Clock
from domain.shared.text import Text
from domain.staff.events import StaffAccessChanged, StaffMoved
from domain.staff.ports import StaffAuthorities
from domain.staff.role import RoleChanged
from realtime.delivery.hub import Hub
from realtime.socketio.errors import Refused

_MAX_TOKEN_LENGTH: Final = 4096
_CACHE_SECONDS: Final = 20.0
"""Lifetime of a cached authority. Changes arrive on the event stream at once; this bounds the time while it is down."""
_MAX_CACHED: Final = 20_000

INVALID_TOKEN: Final = ("INVALID_TOKEN", Text("登录凭证无效，请重新登录", "The token is not valid; sign in again"))
TOKEN_EXPIRED: Final = ("TOKEN_EXPIRED", Text("登录凭证已过期", "The token has expired"))


OnRefused = Callable[[str, str], None]
"""Told the id and the name of a member of staff who lacks a permission."""


def _ignore(staff_id: str, name: str) -> None:
    """For edges that do not count."""


@dataclass(frozen=True, slots=True)
class _CachedAuthority:
    authority: StaffAuthority
    until: float


class StaffAuthenticator:
    def __init__(
        self, tokens: AccessTokens, authorities: StaffAuthorities, clock: Clock, hub: Hub, refused: OnRefused = _ignore
    ) -> None:
        self._tokens = tokens
        self._authorities = authorities
        self._clock = clock
        self._hub = hub
        self._refused = refused
        self._cached: OrderedDict[tuple[str, str], _CachedAuthority] = OrderedDict()
        self._changed_at: dict[str, str] = {}
        """Offset of the last change of each staff member's access, as far back as the event stream reaches."""
        self._role_changed_at: dict[str, str] = {}
        self._last_role_change = ""
        hub.listen(StaffAccessChanged, self._changed, also_past=True)
        hub.listen(RoleChanged, self._role_changed, also_past=True)
        hub.listen(StaffMoved, self._staff_moved, also_past=True)
        hub.on_history_lost(self._cached.clear)

    def identify(self, environ: Mapping[str, Any], auth: object) -> AccessClaims:
        """Verifies the token in `auth.token` or in an `Authorization: Bearer` header. Raises Refused."""
        token = auth.get("token") if isinstance(auth, dict) else None
        if token is None:
            scheme, _, rest = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
            token = rest.strip() if scheme.lower() == "bearer" else None
        if not token:
            raise refusal(NotAuthenticated())
        return self.verify(token)

    def verify(self, token: object) -> AccessClaims:
        """Raises Refused."""
        if not isinstance(token, str) or len(token) > _MAX_TOKEN_LENGTH:
            raise _refused(*INVALID_TOKEN)
        try:
            return self._tokens.verify("staff", token.removeprefix("Bearer "), self._clock.now())
        except NotAuthenticated as error:
            raise _refused(*(TOKEN_EXPIRED if error.details.get("reason") == "expired" else INVALID_TOKEN)) from None

    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        """Raises what `StaffAuthorities` raises."""
        known = self._cached.get((claims.subject, claims.session_id))
        if known is not None and known.until > _now():
            return known.authority
        before = self._changed_at.get(claims.subject), self._last_role_change
        authority = await self._authorities.authority_of(claims)
        if (self._changed_at.get(claims.subject), self._last_role_change) == before:
            self._cache(authority)
        return authority

    async def authority(self, claims: AccessClaims, record: RecoveryRecord | None) -> StaffAuthority:
        """Uses the authority of the recovery record if no event has changed it since, so that many clients that
        reconnect together do not query the store. Raises what `StaffAuthorities` raises."""
        if record is not None and isinstance(record.visitor, StaffAuthority):
            known = record.visitor
            if known.session_id == claims.session_id and self.still_valid(known, as_of=record.base):
                return known
        return await self.authority_of(claims)

    def require(self, authority: StaffAuthority, *permissions: str) -> None:
        """Raises PermissionDenied, and counts it."""
        try:
            authority.require(*permissions)
        except PermissionDenied:
            self._refused(authority.id, authority.name)
            raise

    def still_valid(self, authority: StaffAuthority, as_of: str) -> bool:
        """True if an authority read as of this offset is still valid: no event has changed it since."""
        if not self._hub.history.covers(as_of):
            return False
        changes = (self._changed_at.get(authority.id), self._role_changed_at.get(authority.role))
        if any(parse_offset(change) > parse_offset(as_of) for change in changes if change):
            return False
        self._cache(authority)
        return True

    def _evict(self, staff_id: str) -> None:
        for key in [key for key in self._cached if key[0] == staff_id]:
            del self._cached[key]

    def _cache(self, authority: StaffAuthority) -> None:
        self._cached[authority.id, authority.session_id] = _CachedAuthority(authority, _now() + _CACHE_SECONDS)
        self._cached.move_to_end((authority.id, authority.session_id))
        if len(self._cached) > _MAX_CACHED:
            self._cached.popitem(last=False)

    def _changed(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, StaffAccessChanged):
            self._changed_at[entry.event.staff_id] = entry.offset
            self._evict(entry.event.staff_id)

    def _role_changed(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, RoleChanged):
            self._read_again(entry.event.role.code, entry.offset)

    def _staff_moved(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, StaffMoved):
            self._read_again(Role.MANAGER, entry.offset)  # whose records are those of a department

    def _read_again(self, role: str, offset: str) -> None:
        self._role_changed_at[role] = self._last_role_change = offset
        for key in [key for key, known in self._cached.items() if known.authority.role == role]:
            del self._cached[key]


def refusal(error: DomainError) -> Refused:
    return _refused(error.code, error.text)


def _refused(code: str, text: Text) -> Refused:
    return Refused(code, f"{text.zh} · {text.en}")


def _now() -> float:
    return asyncio.get_running_loop().time()
