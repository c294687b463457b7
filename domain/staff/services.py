"""All use cases of staff, built together from the ports that they need."""

from dataclasses import dataclass

from domain.sessions.tokens import AccessTokens
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginThrottle
from domain.shared.ports import Clock, IdGenerator, RateLimiter
from domain.staff.access import StaffAccess
from domain.staff.ports import AuthorityCache, StaffCredentials, StaffRepository
from domain.staff.service import StaffSessions


@dataclass(frozen=True, slots=True)
class StaffPorts:
    staff: StaffRepository
    credentials: StaffCredentials
    authorities: AuthorityCache
    hasher: PasswordHasher
    tokens: AccessTokens
    limiter: RateLimiter
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class StaffServices:
    sessions: StaffSessions
    access: StaffAccess
    """Follows `StaffAccessChanged` durably."""


def staff_services(ports: StaffPorts) -> StaffServices:
    return StaffServices(
        sessions=StaffSessions(
            staff=ports.staff,
            credentials=ports.credentials,
            hasher=ports.hasher,
            tokens=ports.tokens,
            throttle=LoginThrottle(ports.limiter, "staff"),
            authorities=ports.authorities,
            clock=ports.clock,
            ids=ports.ids,
        ),
        access=StaffAccess(ports.staff, ports.authorities, ports.clock),
    )
