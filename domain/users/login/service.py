"""Registration and login by WeChat identity: verify the claim, find or create the account, open a session."""

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher, UsernameTaken
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.password_strength import require_strong
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.users.change_events import UserChangeEvents, identified_actor, with_action
from domain.users.errors import IdentityTaken, PhoneBound, UserNotRegistered
from domain.users.identity import identity_key
from domain.users.login.completion import LoggedIn, LoginCompletion
from domain.users.login.failures import FailedLoginRecorder, LoginProgress
from domain.users.login.identity_resolution import IdentityResolver, KnownAccount
from domain.users.login.identity_verification import Claim, IdentityVerifier, VerifiedIdentity
from domain.users.login_record import LoginMethod
from domain.users.model import User
from domain.users.ports import UserCredentials
from domain.users.profile_fields import ProfileFields

REGISTER_ACTION = "miniprogram-user.register"


class SignUp(Model):
    """Account name and password, which only a registration may set."""

    username: str = ""
    password: str = ""


class LoginAttempt(Model):
    """One login or registration in progress."""

    identity: VerifiedIdentity
    profile: ProfileFields
    sign_up: SignUp | None
    """None: a plain login, which fills empty fields and replaces nothing."""
    password_hash: str = ""
    actor: Actor

    @property
    def method(self) -> LoginMethod:
        return "openid" if self.identity.wechat else "phone"

    @property
    def app_id(self) -> str:
        return self.identity.wechat.app_id if self.identity.wechat else ""

    @property
    def lock_key(self) -> str:
        """The same for concurrent logins of the same person."""
        if self.identity.wechat:
            return identity_key(self.identity.wechat.app_id, self.identity.wechat.open_id)
        return self.identity.phone.number if self.identity.phone else ""

    def require_strong_password(self, user: User) -> None:
        """Raises WeakPassword. Without a new password nothing is required."""
        if self.sign_up and self.sign_up.password:
            require_strong(self.sign_up.password, user.own_words)


class UserLogins:
    def __init__(
        self,
        verifier: IdentityVerifier,
        resolver: IdentityResolver,
        completion: LoginCompletion,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        change_events: UserChangeEvents,
        failures: FailedLoginRecorder,
        locks: KeyedLocks,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._verifier = verifier
        self._resolver = resolver
        self._completion = completion
        self._credentials = credentials
        self._hasher = hasher
        self._change_events = change_events
        self._failures = failures
        self._locks = locks
        self._clock = clock
        self._ids = ids

    async def login(self, claim: Claim, profile: ProfileFields, actor: Actor, from_machine: bool = False) -> LoggedIn:
        """Log in; the first login creates the account. Profile fields fill what is empty.

        Raises WxCodeRequired, WxCodeInvalid, PhoneCodeInvalid, UserNotRegistered, UserBlocked, PhoneBound,
        IdentityConflict. Of concurrent first logins exactly one returns `is_new`.
        """
        return await self._log_in(claim, profile, None, actor, from_machine)

    async def register(
        self, claim: Claim, profile: ProfileFields, sign_up: SignUp, actor: Actor, from_machine: bool = False
    ) -> LoggedIn:
        """As `login`, but profile and phone replace what the account had.

        Also raises UsernameTaken, UsernameFixed, WeakPassword.

        A password is set only where there is none. On an existing account this needs a verified identity.
        """
        return await self._log_in(claim, profile, sign_up, actor, from_machine)

    async def _log_in(
        self, claim: Claim, profile: ProfileFields, sign_up: SignUp | None, actor: Actor, from_machine: bool
    ) -> LoggedIn:
        method: LoginMethod = "openid" if claim.code or claim.openid else "phone"
        async with self._failures.recording(method, actor) as progress:
            identity = await self._verifier.verify(claim, from_machine)
            progress.app_id = identity.wechat.app_id if identity.wechat else ""
            hashed = await self._hasher.hash(sign_up.password, actor.address) if sign_up and sign_up.password else ""
            attempt = LoginAttempt.model_construct(
                identity=identity, profile=profile, sign_up=sign_up, password_hash=hashed, actor=actor
            )
            async with self._locks.hold(attempt.lock_key):
                return await retry_on_conflict(lambda: self._attempt(attempt, progress), again_on=(IdentityTaken,))

    async def _attempt(self, attempt: LoginAttempt, progress: LoginProgress) -> LoggedIn:
        known = await self._resolver.find_account(attempt.identity)
        if known is not None:
            progress.user_id = known.user.id
            return await self._log_in_known(attempt, known)
        try:
            return await self._create_account(attempt)
        except (PhoneBound, UsernameTaken):
            # A concurrent first login of the same person may have created the account: then log in to it.
            if await self._resolver.find_account(attempt.identity) is not None:
                raise IdentityTaken from None
            raise

    async def _log_in_known(self, attempt: LoginAttempt, known: KnownAccount) -> LoggedIn:
        before = known.user
        before.require_usable()
        user, audit_rows = await self._resolver.link_identity(known, attempt.identity.wechat, attempt.actor)
        filled = attempt.profile.filled()
        if filled:
            user = user.with_profile(filled) if attempt.sign_up else user.with_profile_filled(filled)
        user = await self._resolver.link_phone(
            user, attempt.identity.phone, replace=attempt.sign_up is not None, now=self._clock.now()
        )
        if attempt.sign_up and attempt.sign_up.username:
            user = user.with_username(attempt.sign_up.username)
        attempt.require_strong_password(user)
        done = await self._completion.complete(before, user, attempt.method, attempt.app_id, attempt.actor, audit_rows)
        may_set_password = attempt.password_hash and attempt.identity.is_verified
        if may_set_password and await self._credentials.hash_of(done.user.id) is None:
            await self._credentials.store(done.user.id, attempt.password_hash)
        return done

    async def _create_account(self, attempt: LoginAttempt) -> LoggedIn:
        wechat, phone, now = attempt.identity.wechat, attempt.identity.phone, self._clock.now()
        if wechat is None:
            raise UserNotRegistered
        user = User.registered(self._ids.next_id(), wechat, now).with_profile(attempt.profile.filled())
        if phone:
            user = user.with_phone(phone.number, phone.is_verified, now)
        if attempt.sign_up and attempt.sign_up.username:
            user = user.with_username(attempt.sign_up.username)
        attempt.require_strong_password(user)
        registering = with_action(identified_actor(attempt.actor, user), REGISTER_ACTION)
        audit_rows: list[DomainEvent] = [self._change_events.audit_row(None, user, registering, now)]
        if not attempt.password_hash:
            return await self._complete_new(attempt, user, audit_rows)
        # The hash first: an account without one cannot be entered, a hash without an account is never looked up.
        await self._credentials.store(user.id, attempt.password_hash)
        try:
            return await self._complete_new(attempt, user, audit_rows)
        except DomainError:
            await self._credentials.forget(user.id)
            raise

    async def _complete_new(self, attempt: LoginAttempt, user: User, audit_rows: list[DomainEvent]) -> LoggedIn:
        return await self._completion.complete(None, user, attempt.method, attempt.app_id, attempt.actor, audit_rows)
