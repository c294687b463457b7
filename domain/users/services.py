"""All use cases of mini-program users, built together from the ports that they need."""

from dataclasses import dataclass
from datetime import timedelta

from domain.sessions.tokens import AccessTokens
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginThrottle
from domain.shared.ports import Clock, DurableFollower, IdGenerator, RateLimiter
from domain.shared.retry import KeyedLocks
from domain.shared.spreadsheets import Spreadsheets
from domain.users.administration.export import UserExport
from domain.users.administration.service import UserAdministration
from domain.users.change_events import Facts
from domain.users.identity_digests import Tombstones
from domain.users.login.completion import Entry
from domain.users.login.failures import Refusals
from domain.users.login.identity_resolution import Identities
from domain.users.login.identity_verification import Proofs
from domain.users.login.password import PasswordLogins
from domain.users.login.service import UserLogins
from domain.users.login.sessions import REFRESH_LIFETIME, SessionIssuer, UserSessions
from domain.users.ports import (
    IdentityProvider,
    LoginJournal,
    RegionFinder,
    StaffDirectory,
    UserCredentials,
    UserList,
    UserRepository,
)
from domain.users.profile.service import UserProfiles
from domain.users.unit_of_work import Accounts


@dataclass(frozen=True, slots=True)
class MiniProgramUsers:
    logins: UserLogins
    passwords: PasswordLogins
    sessions: UserSessions
    profiles: UserProfiles
    administration: UserAdministration
    export: UserExport


@dataclass(frozen=True, slots=True)
class UserPorts:
    """What the area needs from outside."""

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
    limiter: RateLimiter
    spreadsheets: Spreadsheets
    clock: Clock
    ids: IdGenerator


def mini_program_users(
    ports: UserPorts, *, accept_unverified: bool, digest_key: str, refresh_lifetime: timedelta = REFRESH_LIFETIME
) -> MiniProgramUsers:
    """`accept_unverified`: bare openids and phones count (never in production). `digest_key`: see Tombstones."""
    clock, ids = ports.clock, ports.ids
    facts, locks = Facts(ids), KeyedLocks()
    accounts = Accounts(ports.users, facts, locks, clock)
    proofs = Proofs(ports.provider, accept_unverified)
    refusals = Refusals(ports.journal, ports.regions, clock, ids)
    issuer = SessionIssuer(ports.tokens, ids, refresh_lifetime)
    entry = Entry(ports.users, issuer, facts, ports.regions, ports.staff, clock)
    throttle = LoginThrottle(ports.limiter, "mp")
    return MiniProgramUsers(
        logins=UserLogins(
            proofs=proofs,
            identities=Identities(ports.users, facts, clock),
            entry=entry,
            credentials=ports.credentials,
            hasher=ports.hasher,
            facts=facts,
            refusals=refusals,
            locks=locks,
            clock=clock,
            ids=ids,
        ),
        passwords=PasswordLogins(
            users=ports.users,
            credentials=ports.credentials,
            hasher=ports.hasher,
            entry=entry,
            throttle=throttle,
            refusals=refusals,
        ),
        sessions=UserSessions(
            users=ports.users,
            accounts=accounts,
            issuer=issuer,
            facts=facts,
            refusals=refusals,
            regions=ports.regions,
            clock=clock,
        ),
        profiles=UserProfiles(
            users=ports.users,
            accounts=accounts,
            proofs=proofs,
            credentials=ports.credentials,
            hasher=ports.hasher,
            throttle=throttle,
            staff=ports.staff,
            clock=clock,
        ),
        administration=UserAdministration(
            accounts=accounts,
            users=ports.listing,
            credentials=ports.credentials,
            journal=ports.journal,
            audit=ports.audit,
            facts=facts,
            tombstones=Tombstones(digest_key),
            clock=clock,
        ),
        export=UserExport(
            users=ports.listing, spreadsheets=ports.spreadsheets, facts=facts, audit=ports.audit, clock=clock
        ),
    )
