"""Register, and log in by WeChat: two names for one story, which begins with a proof and ends with a session."""

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher, UsernameTaken
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import KeyedLocks, retry_on_conflict
from domain.users.change_events import Facts, by_user, doing
from domain.users.errors import IdentityTaken, PhoneBound, UserNotRegistered
from domain.users.identity import identity_key
from domain.users.login.completion import Entry, LoggedIn
from domain.users.login.failures import Attempt, Refusals
from domain.users.login.identity_resolution import Identities, Known
from domain.users.login.identity_verification import Claim, Proof, Proofs
from domain.users.login.record import LoginMethod
from domain.users.model import User
from domain.users.ports import UserCredentials
from domain.users.profile.fields import ProfileFields

REGISTERED = "miniprogram-user.register"


class SignUp(Model):
    """What a registration may set besides the profile."""

    username: str = ""
    password: str = ""


class _Visit(Model):
    """One log-in on its way through."""

    proof: Proof
    profile: ProfileFields
    sign_up: SignUp | None
    """None: a plain log-in, which fills what is empty and replaces nothing."""
    password_hash: str = ""
    actor: Actor

    @property
    def method(self) -> LoginMethod:
        return "openid" if self.proof.identity else "phone"

    @property
    def app_id(self) -> str:
        return self.proof.identity.app_id if self.proof.identity else ""

    @property
    def key(self) -> str:
        """What two requests of the same person have in common."""
        if self.proof.identity:
            return identity_key(self.proof.identity.app_id, self.proof.identity.open_id)
        return self.proof.phone.phone if self.proof.phone else ""


class UserLogins:
    def __init__(
        self,
        proofs: Proofs,
        identities: Identities,
        entry: Entry,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        facts: Facts,
        refusals: Refusals,
        locks: KeyedLocks,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._proofs = proofs
        self._identities = identities
        self._entry = entry
        self._credentials = credentials
        self._hasher = hasher
        self._facts = facts
        self._refusals = refusals
        self._locks = locks
        self._clock = clock
        self._ids = ids

    async def login(self, claim: Claim, profile: ProfileFields, actor: Actor, from_machine: bool = False) -> LoggedIn:
        """Log in; the first time makes the account. Profile fields fill what is empty.

        Raises WxCodeRequired, WxCodeInvalid, PhoneCodeInvalid, UserNotRegistered, UserBlocked, PhoneBound,
        IdentityConflict; `is_new` is true for exactly one of the calls that make an account.
        """
        return await self._come_in(claim, profile, None, actor, from_machine)

    async def register(
        self, claim: Claim, profile: ProfileFields, sign_up: SignUp, actor: Actor, from_machine: bool = False
    ) -> LoggedIn:
        """As `login`, but what is sent replaces what was there. Also raises UsernameTaken and UsernameFixed.

        A password is set where there is none; it never replaces one, and on an account that exists it needs proof.
        """
        return await self._come_in(claim, profile, sign_up, actor, from_machine)

    async def _come_in(
        self, claim: Claim, profile: ProfileFields, sign_up: SignUp | None, actor: Actor, from_machine: bool
    ) -> LoggedIn:
        method: LoginMethod = "openid" if claim.code or claim.openid else "phone"
        async with self._refusals.noted(method, actor) as attempt:
            proof = await self._proofs.of(claim, from_machine)
            attempt.app_id = proof.identity.app_id if proof.identity else ""
            hashed = await self._hasher.hash(sign_up.password) if sign_up and sign_up.password else ""
            visit = _Visit.model_construct(
                proof=proof, profile=profile, sign_up=sign_up, password_hash=hashed, actor=actor
            )
            async with self._locks.hold(visit.key):
                return await retry_on_conflict(lambda: self._enter(visit, attempt), again_on=(IdentityTaken,))

    async def _enter(self, visit: _Visit, attempt: Attempt) -> LoggedIn:
        known = await self._identities.account_of(visit.proof)
        if known is not None:
            attempt.user_id = known.user.id
            return await self._enter_known(visit, known)
        try:
            return await self._enter_first_time(visit)
        except (PhoneBound, UsernameTaken):
            # The same person's other first log-in may have stored the phone a moment ago: then this is no refusal.
            if await self._identities.account_of(visit.proof) is not None:
                raise IdentityTaken from None
            raise

    async def _enter_known(self, visit: _Visit, known: Known) -> LoggedIn:
        before = known.user
        before.require_usable()
        user, rows = await self._identities.identified(known, visit.proof.identity, visit.actor)
        filled = visit.profile.filled()
        if filled:
            user = user.with_profile(filled) if visit.sign_up else user.with_profile_filled(filled)
        user = await self._identities.with_phone(
            user, visit.proof.phone, replace=visit.sign_up is not None, now=self._clock.now()
        )
        if visit.sign_up and visit.sign_up.username:
            user = user.with_username(visit.sign_up.username)
        done = await self._entry.admit(before, user, visit.method, visit.app_id, visit.actor, rows)
        if visit.password_hash and visit.proof.proven and await self._credentials.hash_of(done.user.id) is None:
            await self._credentials.store(done.user.id, visit.password_hash)
        return done

    async def _enter_first_time(self, visit: _Visit) -> LoggedIn:
        identity, now = visit.proof.identity, self._clock.now()
        if identity is None:
            raise UserNotRegistered
        user = User.registered(self._ids.next_id(), identity, now).with_profile(visit.profile.filled())
        if visit.proof.phone:
            user = user.with_phone(visit.proof.phone.phone, visit.proof.phone.verified, now)
        if visit.sign_up and visit.sign_up.username:
            user = user.with_username(visit.sign_up.username)
        registering = doing(by_user(visit.actor, user), REGISTERED)
        rows: list[DomainEvent] = [self._facts.audit(None, user, registering, now)]
        if not visit.password_hash:
            return await self._entry.admit(None, user, visit.method, visit.app_id, visit.actor, rows)
        # The hash first: an account without one cannot be entered, a hash without an account is never looked up.
        await self._credentials.store(user.id, visit.password_hash)
        try:
            return await self._entry.admit(None, user, visit.method, visit.app_id, visit.actor, rows)
        except DomainError:
            await self._credentials.forget(user.id)
            raise
