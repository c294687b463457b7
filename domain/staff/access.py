"""The current authority of a staff token's bearer, cached for seconds."""

from collections.abc import Sequence
from contextlib import suppress

from domain.sessions.model import SessionEnded, is_session_alive
from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock
from domain.staff.department_table import DepartmentTable
from domain.staff.errors import UnknownRole
from domain.staff.events import StaffAccessChanged
from domain.staff.model import SessionBearer, Staff
from domain.staff.ports import AuthorityCache, StaffRepository
from domain.staff.role_table import RoleTable


class StaffAccess:
    """Implements `StaffAuthorities`: reads the cache, then the store; works without the cache, at a higher cost.
    Permissions of the role are never cached with a session: they come from the table of roles.

    Follows `StaffAccessChanged` durably, so that an ended session leaves the cache even if an app process dies.
    """

    def __init__(
        self,
        staff: StaffRepository,
        roles: RoleTable,
        departments: DepartmentTable,
        cache: AuthorityCache,
        clock: Clock,
    ) -> None:
        self._staff = staff
        self._roles = roles
        self._departments = departments
        self._cache = cache
        self._clock = clock

    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        return await self._authority(await self._bearer_of(claims))

    async def authority_of_member(self, staff: Staff) -> StaffAuthority:
        """The authority of a loaded account, without a session. Raises Unavailable."""
        return await self._authority(staff.bearer(""))

    async def _authority(self, bearer: SessionBearer) -> StaffAuthority:
        role, colleagues = await self._roles.find(bearer.role), await self._departments.colleagues_of(bearer)
        return bearer.authority(role, colleagues)

    async def _bearer_of(self, claims: AccessClaims) -> SessionBearer:
        try:
            known, generation = await self._cache.get(claims.subject, claims.session_id)
        except Unavailable:
            return await self._read(claims)
        if known is not None:
            return known
        bearer = await self._read(claims)
        with suppress(Unavailable):
            await self._cache.put(bearer, generation)
        return bearer

    async def _read(self, claims: AccessClaims) -> SessionBearer:
        staff = await self._staff.find(claims.subject)
        if staff is None or not is_session_alive(staff.sessions, claims.session_id, self._clock.now()):
            raise SessionEnded
        staff.require_usable()
        return staff.bearer(claims.session_id)

    async def require_role(self, code: str) -> None:
        """Raises UnknownRole when there is no such role, or it is disabled."""
        role = await self._roles.find(code)
        if role is None or not role.active:
            raise UnknownRole

    async def forget(self, staff_id: str) -> None:
        """Called after each save that changes the rights of an account. If the cache is down, `follow` repeats it."""
        with suppress(Unavailable):
            await self._cache.forget(staff_id)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for staff_id in {event.staff_id for event in events if isinstance(event, StaffAccessChanged)}:
            await self._cache.forget(staff_id)
