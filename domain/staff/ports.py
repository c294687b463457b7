"""Ports of the staff area."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.password_check import PasswordHashes
from domain.staff.department import Department
from domain.staff.model import SessionBearer, Staff, WeChatBinding
from domain.staff.role import StaffRole

StaffStatus = Literal["active", "suspended", "inactive"]


class StaffQuery(Model):
    """`search`: a part of the user name, name, email or phone."""

    search: str = ""
    role: str = ""
    department: str = ""
    status: StaffStatus | None = None


class StaffRepository(Protocol):
    async def find(self, entity_id: str) -> Staff | None: ...

    async def find_by_username(self, username: str) -> Staff | None: ...

    async def save(self, entity: Staff, events: Sequence[DomainEvent]) -> Staff:
        """Raises Conflict, UsernameTaken, Unavailable."""

    async def is_empty(self) -> bool: ...

    async def count_by_role(self) -> Mapping[str, int]:
        """The accounts that are not deactivated, by the stored text of their role. Raises Unavailable."""

    async def count_by_department(self) -> Mapping[str, int]:
        """The accounts that are not deactivated. Raises Unavailable."""

    async def departments(self) -> Mapping[str, str]:
        """The department of each account that has one, by id, deactivated ones included. Raises Unavailable."""

    async def find_active_by_phone(self, phone: str) -> Sequence[Staff]:
        """Accounts with this phone that may sign in. Raises Unavailable."""

    async def find_by_wechat(self, identity: WeChatBinding) -> Staff | None:
        """Raises Unavailable."""

    async def administrators(self) -> Sequence[Staff]:
        """Accounts that may sign in and hold the role of administrators. Raises Unavailable."""

    async def page(self, query: StaffQuery, paging: PageRequest) -> Page[Staff]:
        """Newest first. Raises PageTooDeep, Unavailable."""


class DepartmentRepository(Protocol):
    async def find(self, entity_id: str) -> Department | None: ...

    async def all(self) -> Sequence[Department]:
        """Deleted ones included. Raises Unavailable."""

    async def save(self, entity: Department, events: Sequence[DomainEvent]) -> Department:
        """Raises Conflict, DepartmentNameTaken, Unavailable."""


class RoleRepository(Protocol):
    async def find(self, entity_id: str) -> StaffRole | None: ...

    async def all(self) -> Sequence[StaffRole]:
        """Deleted ones included. Raises Unavailable."""

    async def save(self, entity: StaffRole, events: Sequence[DomainEvent]) -> StaffRole:
        """Raises Conflict, RoleNameTaken, RoleCodeTaken, Unavailable."""


class StaffCredentials(PasswordHashes, Protocol):
    async def store(self, staff_id: str, password_hash: str) -> None: ...


class AuthorityCache(Protocol):
    """Caches the bearers of sessions for seconds, for all app processes: mass reconnects do not read the store.

    `generation` closes the race between reading an account and caching the result: a `put` with a generation from
    before a `forget` is ignored.
    """

    async def get(self, staff_id: str, session_id: str) -> tuple[SessionBearer | None, int]:
        """The cached bearer, and the generation to pass to `put`."""

    async def put(self, bearer: SessionBearer, generation: int) -> None: ...

    async def forget(self, staff_id: str) -> None: ...


class StaffAuthorities(Protocol):
    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        """The current authority of a verified token's bearer. Raises SessionEnded, StaffSuspended, StaffDisabled."""
