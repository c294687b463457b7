"""Builds all use cases of the users area from its ports."""

from dataclasses import dataclass
from datetime import timedelta

from domain.audit.recorded_exports import RecordedExports
from domain.sessions.tokens import AccessTokens
from domain.shared.credentials import PasswordHasher
from domain.shared.known_devices import DeviceSigner, KnownDevices
from domain.shared.login_throttle import LoginThrottle, TryLog
from domain.shared.password_check import PasswordCheck
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.retry import KeyedLocks
from domain.shared.spreadsheets import Spreadsheets
from domain.users.administration.export import UserExport
from domain.users.administration.service import UserAdministration
from domain.users.change_events import UserChangeEvents
from domain.users.identity_digests import IdentityDigester
from domain.users.login.completion import LoginCompletion
from domain.users.login.failures import FailedLoginRecorder
from domain.users.login.identity_resolution import IdentityResolver
from domain.users.login.identity_verification import IdentityVerifier
from domain.users.login.password import PasswordLogins
from domain.users.login.service import UserLogins
from domain.users.login.sessions import REFRESH_LIFETIME, SessionIssuer, UserSessions
from domain.users.pictures import UserPictures
from domain.users.ports import (
    IdentityProvider,
    LoginJournal,
    RegionFinder,
    StaffDirectory,
    UserCredentials,
    UserList,
    UserRepository,
)
from domain.users.profiles import UserProfiles
from domain.users.unit_of_work import UserUnitOfWork


@dataclass(frozen=True, slots=True)
class UserServices:
    logins: UserLogins
    passwords: PasswordLogins
    devices: KnownDevices
    sessions: UserSessions
    profiles: UserProfiles
    administration: UserAdministration
    export: UserExport
    pictures: UserPictures


@dataclass(frozen=True, slots=True)
class UserPorts:
    users: UserRepository
    listing: UserList
    credentials: UserCredentials
    journal: LoginJournal
    audit: DurableFollower
    provider: IdentityProvider
    regions: RegionFinder
    staff: StaffDirectory
    hasher: PasswordHasher
    tokens: AccessTokens
    tries: TryLog
    device_signer: DeviceSigner
    spreadsheets: Spreadsheets
    clock: Clock
    ids: IdGenerator


def user_services(
    ports: UserPorts, *, accept_unverified: bool, digest_key: str, refresh_lifetime: timedelta = REFRESH_LIFETIME
) -> UserServices:
    """`accept_unverified`: accept bare openids and phones; never in production. `digest_key`: see IdentityDigester."""
    clock, ids = ports.clock, ports.ids
    change_events, locks = UserChangeEvents(ids), KeyedLocks()
    unit_of_work = UserUnitOfWork(ports.users, change_events, locks, clock)
    verifier = IdentityVerifier(ports.provider, accept_unverified)
    failures = FailedLoginRecorder(ports.journal, ports.regions, clock, ids)
    issuer = SessionIssuer(ports.tokens, ids, refresh_lifetime)
    completion = LoginCompletion(ports.users, issuer, change_events, ports.regions, ports.staff, clock)
    passwords = PasswordCheck(ports.credentials, ports.hasher, LoginThrottle(ports.tries, "mp"))
    devices = KnownDevices(ports.device_signer, "mp", clock, ids)
    return UserServices(
        logins=UserLogins(
            verifier=verifier,
            resolver=IdentityResolver(ports.users, change_events, clock),
            completion=completion,
            credentials=ports.credentials,
            hasher=ports.hasher,
            change_events=change_events,
            failures=failures,
            locks=locks,
            clock=clock,
            ids=ids,
        ),
        passwords=PasswordLogins(
            users=ports.users,
            passwords=passwords,
            devices=devices,
            completion=completion,
            failures=failures,
            clock=clock,
        ),
        devices=devices,
        sessions=UserSessions(
            users=ports.users,
            unit_of_work=unit_of_work,
            issuer=issuer,
            change_events=change_events,
            failures=failures,
            regions=ports.regions,
            clock=clock,
        ),
        profiles=UserProfiles(
            users=ports.users,
            unit_of_work=unit_of_work,
            verifier=verifier,
            credentials=ports.credentials,
            hasher=ports.hasher,
            passwords=passwords,
            staff=ports.staff,
            clock=clock,
        ),
        administration=UserAdministration(
            unit_of_work=unit_of_work,
            users=ports.listing,
            credentials=ports.credentials,
            journal=ports.journal,
            audit=ports.audit,
            change_events=change_events,
            digester=IdentityDigester(digest_key),
            clock=clock,
        ),
        export=UserExport(ports.listing, RecordedExports(ports.spreadsheets, ports.audit, clock, ports.ids)),
        pictures=UserPictures(ports.users, unit_of_work),
    )
