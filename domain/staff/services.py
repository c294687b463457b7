"""All use cases of staff, built together from the ports that they need."""

from dataclasses import dataclass

from domain.sessions.tokens import AccessTokens
from domain.shared.credentials import PasswordHasher
from domain.shared.known_devices import DeviceSigner, KnownDevices
from domain.shared.login_throttle import LoginThrottle, TryLog
from domain.shared.password_check import PasswordCheck
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.staff.access import StaffAccess
from domain.staff.administration import StaffAdministration
from domain.staff.department_table import DepartmentTable
from domain.staff.departments import Departments
from domain.staff.former_departments import FormerDepartments
from domain.staff.login_log import LoginLogStore, StaffLoginLog
from domain.staff.passwords import StaffPasswords
from domain.staff.pictures import StaffPictures
from domain.staff.ports import AuthorityCache, DepartmentRepository, RoleRepository, StaffCredentials, StaffRepository
from domain.staff.role_administration import Roles
from domain.staff.role_table import RoleTable
from domain.staff.service import StaffSessions
from domain.staff.wechat_login import StaffIdentityProvider, StaffWeChatLogin


@dataclass(frozen=True, slots=True)
class StaffPorts:
    staff: StaffRepository
    roles: RoleRepository
    departments: DepartmentRepository
    credentials: StaffCredentials
    authorities: AuthorityCache
    logins: LoginLogStore
    publisher: EventPublisher
    wechat: StaffIdentityProvider
    hasher: PasswordHasher
    tokens: AccessTokens
    tries: TryLog
    device_signer: DeviceSigner
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class StaffServices:
    sessions: StaffSessions
    wechat: StaffWeChatLogin
    devices: KnownDevices
    access: StaffAccess
    """Follows `StaffAccessChanged` durably."""
    pictures: StaffPictures
    roles: Roles
    role_table: RoleTable
    """Follows the event stream in every app process."""
    department_table: DepartmentTable
    """Follows the event stream in every app process."""
    departments: Departments
    former_departments: FormerDepartments
    login_log: StaffLoginLog
    administration: StaffAdministration
    passwords: StaffPasswords


def staff_services(ports: StaffPorts) -> StaffServices:
    table = RoleTable(ports.roles)
    department_table = DepartmentTable(ports.staff)
    access = StaffAccess(ports.staff, table, department_table, ports.authorities, ports.clock)
    login_log = StaffLoginLog(ports.logins, ports.publisher, ports.clock, ports.ids)
    departments = Departments(ports.departments, ports.staff, ports.clock, ports.ids)
    check = PasswordCheck(ports.credentials, ports.hasher, LoginThrottle(ports.tries, "staff"))
    administration = StaffAdministration(
        ports.staff, table, departments, ports.credentials, ports.hasher, access, ports.clock, ports.ids
    )
    devices = KnownDevices(ports.device_signer, "staff", ports.clock, ports.ids)
    sessions = StaffSessions(
        staff=ports.staff,
        check=check,
        tokens=ports.tokens,
        devices=devices,
        access=access,
        log=login_log,
        clock=ports.clock,
        ids=ports.ids,
    )
    return StaffServices(
        sessions=sessions,
        wechat=StaffWeChatLogin(ports.wechat, ports.staff, sessions, ports.clock, ports.ids),
        devices=devices,
        access=access,
        pictures=StaffPictures(ports.staff, ports.clock, ports.ids),
        roles=Roles(ports.roles, table, ports.staff, ports.clock, ports.ids),
        role_table=table,
        department_table=department_table,
        departments=departments,
        former_departments=FormerDepartments(ports.staff, departments, ports.clock, ports.ids),
        login_log=login_log,
        administration=administration,
        passwords=StaffPasswords(
            ports.staff,
            administration,
            ports.credentials,
            ports.hasher,
            check,
            devices,
            access,
            ports.clock,
            ports.ids,
        ),
    )
