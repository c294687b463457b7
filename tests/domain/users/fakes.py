"""Fakes of the ports around the users area, and the area built on them and on in-memory stores."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.audit.model import AuditRecorded
from domain.sessions.tokens import AccessClaims, AccessTokens, Audience
from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher
from domain.shared.errors import NotAuthenticated
from domain.shared.events import DomainEvent
from domain.shared.places.region import Region
from domain.shared.ports import DurableFollower
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid
from domain.users.identity import WeChatIdentity
from domain.users.login.completion import LoggedIn
from domain.users.login.identity_verification import Claim
from domain.users.login.service import SignUp
from domain.users.login_record import LoginRecord
from domain.users.model import User
from domain.users.ports import IdentityProvider, RegionFinder, StaffDirectory
from domain.users.profile_fields import ProfileFields
from domain.users.services import UserPorts, UserServices, user_services
from tests.domain.memory_spreadsheets import MemorySpreadsheets
from tests.domain.sequential_ids import SequentialIds
from tests.domain.shared.login_fakes import MemoryTryLog, PlainDeviceSigner
from tests.domain.users.builders import APP_ID
from tests.domain.users.memory import MemoryLoginJournal, MemoryUserCredentials, MemoryUserList, MemoryUsers
from tests.integrations.clocks import SettableClock

ADDRESS = "1.2.4.8"
ANONYMOUS = Actor(kind="user", id="anonymous", action="miniprogram-user.test", address=ADDRESS, user_agent="phone")
"""The actor of a public route."""
STAFF = Actor(kind="staff", id="5" * 24, name="李经理", action="miniprogram-user.test", address=ADDRESS)


DIGEST_KEY = "a key of tests that is long enough"


class FakeWeChat(IdentityProvider):
    """Issues codes. Each person has one openid in each app, and one unionid in each open platform."""

    def __init__(self, app_id: str = APP_ID, platform: str = "u") -> None:
        self._app_id = app_id
        self.platform = platform
        """The prefix of the unionids; empty: the app belongs to no open-platform account."""
        self._login_codes: dict[str, WeChatIdentity] = {}
        self._phone_codes: dict[str, tuple[str, str]] = {}

    @property
    def app_id(self) -> str:
        return self._app_id

    def open_id(self, person: str) -> str:
        return f"{person}-in-{self._app_id}"

    def union_id(self, person: str) -> str:
        return f"{self.platform}-{person}" if self.platform else ""

    def login_code(self, person: str) -> str:
        code = f"login-{len(self._login_codes)}-{self._app_id}"
        self._login_codes[code] = WeChatIdentity(
            app_id=self._app_id, open_id=self.open_id(person), union_id=self.union_id(person)
        )
        return code

    def phone_code(self, person: str, number: str) -> str:
        code = f"phone-{len(self._phone_codes)}"
        self._phone_codes[code] = (self.open_id(person), number)
        return code

    async def exchange_code(self, code: str) -> WeChatIdentity:
        if code not in self._login_codes:
            raise WxCodeInvalid
        return self._login_codes[code]

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        owner, number = self._phone_codes.get(phone_code, ("", ""))
        if owner != open_id:
            raise PhoneCodeInvalid
        return number


class FakeHasher(PasswordHasher):
    def __init__(self) -> None:
        self.verifications = 0

    async def hash(self, password: str, address: str = "") -> str:
        return f"hash of {password}"

    async def verify(
        self, password: str, stored_hash: str | None, address: str = "", *, known_device: bool = False
    ) -> bool:
        self.verifications += 1
        return stored_hash in (f"hash of {password}", f"outdated hash of {password}")

    def is_outdated(self, stored_hash: str) -> bool:
        return stored_hash.startswith("outdated")


class FakeTokens(AccessTokens):
    def issue(self, audience: Audience, subject: str, session_id: str, now: datetime) -> tuple[str, int]:
        return f"{audience}.{subject}.{session_id}", 1800

    def refresh_secret(self, session_id: str, seed: str) -> str:
        return f"{seed}~{session_id}"

    def next_refresh_secret(self, session_id: str, secret: str) -> str:
        return self.refresh_secret(session_id, f"{secret.partition('~')[0]}-next")

    def is_refresh_secret(self, session_id: str, secret: str) -> bool:
        return secret.endswith(f"~{session_id}")

    def verify(self, audience: Audience, token: str, now: datetime) -> AccessClaims:
        issued_for, subject, session_id = token.split(".")
        if issued_for != audience:
            raise NotAuthenticated
        return AccessClaims(audience=audience, subject=subject, session_id=session_id, expires_at=now)


@dataclass
class FakeStaffDirectory(StaffDirectory):
    phones: set[str] = field(default_factory=set)
    administrators: set[str] = field(default_factory=set)

    async def is_active_staff_phone(self, phone: str) -> bool:
        return phone in self.phones

    async def is_administrator_phone(self, phone: str) -> bool:
        return phone in self.administrators


@dataclass
class FakeRegions(RegionFinder):
    by_address: dict[str, Region] = field(default_factory=dict)

    def region_of(self, address: str) -> Region | None:
        return self.by_address.get(address)


@dataclass
class MemoryAudit(DurableFollower):
    """The rows of actions that change no account; all other rows are saved with their account."""

    rows: list[AuditRecorded] = field(default_factory=list)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        self.rows += [event for event in events if isinstance(event, AuditRecorded)]


class UserArea:
    """The services of the users area over in-memory stores, and the actions of a mini-program in one call each."""

    def __init__(self, accept_unverified: bool = False, users: MemoryUsers | None = None) -> None:
        self.users = users or MemoryUsers()
        self.credentials = MemoryUserCredentials()
        self.journal = MemoryLoginJournal()
        self.audit = MemoryAudit()
        self.wechat = FakeWeChat()
        self.regions = FakeRegions()
        self.staff = FakeStaffDirectory()
        self.hasher = FakeHasher()
        self.spreadsheets = MemorySpreadsheets()
        self.clock = SettableClock()
        self.ports = UserPorts(
            users=self.users,
            listing=MemoryUserList(self.users),
            credentials=self.credentials,
            journal=self.journal,
            audit=self.audit,
            provider=self.wechat,
            regions=self.regions,
            staff=self.staff,
            hasher=self.hasher,
            tokens=FakeTokens(),
            tries=MemoryTryLog(self.clock),
            device_signer=PlainDeviceSigner(),
            spreadsheets=self.spreadsheets,
            clock=self.clock,
            ids=SequentialIds(),
        )
        self.services = self.another_process(accept_unverified=accept_unverified)

    def another_process(
        self, provider: IdentityProvider | None = None, accept_unverified: bool = False
    ) -> UserServices:
        """The services of one more app process on the same stores, perhaps of another mini-program."""
        ports = replace(self.ports, provider=provider) if provider else self.ports
        return user_services(ports, accept_unverified=accept_unverified, digest_key=DIGEST_KEY)

    # --- actions of a person with their phone

    async def login(self, person: str = "王芳", *, number: str = "", **profile: object) -> LoggedIn:
        return await self.services.logins.login(self.claim(person, number), ProfileFields(**profile), ANONYMOUS)

    async def register(
        self, person: str = "王芳", *, number: str = "", username: str = "", password: str = "", **profile: object
    ) -> LoggedIn:
        sign_up = SignUp(username=username, password=password)
        fields = ProfileFields(**profile)
        return await self.services.logins.register(self.claim(person, number), fields, sign_up, ANONYMOUS)

    def claim(self, person: str, number: str = "") -> Claim:
        """A login code of this person, and a code for their phone number if there is one."""
        phone_code = self.wechat.phone_code(person, number) if number else ""
        return Claim(code=self.wechat.login_code(person), phone_code=phone_code)

    # --- what happened

    def account(self, user_id: str) -> User:
        return self.users.stored[user_id]

    def accounts(self) -> list[User]:
        return list(self.users.stored.values())

    def event_types(self) -> list[str]:
        return [event.type for event in self.users.events]

    def audit_actions(self) -> list[str]:
        return [row.action for row in self.users.events_of(AuditRecorded)]

    def failures(self) -> list[LoginRecord]:
        return list(self.journal.stored.values())
