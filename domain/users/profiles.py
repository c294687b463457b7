"""Use cases of a mini-program user's own account: profile, phone, password."""

from contextlib import suppress
from datetime import datetime
from typing import Literal

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginTry
from domain.shared.model import Model
from domain.shared.password_check import PasswordCheck
from domain.shared.password_strength import require_strong
from domain.shared.ports import Clock
from domain.shared.retry import retry_on_conflict
from domain.users.change_events import with_action
from domain.users.errors import (
    NotYourAccount,
    OldPasswordWrong,
    PasswordProofRequired,
    PhoneBound,
    PhoneNotYours,
    UsernameRequired,
    UserNotFound,
)
from domain.users.login.completion import is_staff_member
from domain.users.login.identity_verification import Claim, IdentityVerifier, PhoneNumber
from domain.users.model import User
from domain.users.ports import StaffDirectory, UserCredentials, UserRepository
from domain.users.profile_fields import ProfileFields
from domain.users.unit_of_work import UserUnitOfWork

ShownRole = Literal["admin", "staff", "推荐官", "customer"]
_REFERRERS = ("推荐官", "referrer")

PHONE_LOST_ACTION = "miniprogram-user.phone-lost"


class OwnAccount(Model):
    user: User
    is_staff: bool
    is_admin: bool

    @property
    def role(self) -> ShownRole:
        """The highest of admin, staff, 推荐官 and customer; computed, not stored."""
        if self.is_admin:
            return "admin"
        if self.is_staff:
            return "staff"
        return "推荐官" if self.user.role in _REFERRERS else "customer"


class UserProfiles:
    def __init__(
        self,
        users: UserRepository,
        unit_of_work: UserUnitOfWork,
        verifier: IdentityVerifier,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        passwords: PasswordCheck,
        staff: StaffDirectory,
        clock: Clock,
    ) -> None:
        self._users = users
        self._unit_of_work = unit_of_work
        self._verifier = verifier
        self._credentials = credentials
        self._hasher = hasher
        self._passwords = passwords
        self._staff = staff
        self._clock = clock

    async def info(self, user_id: str, openid: str = "") -> OwnAccount:
        """The account. An `openid` (legacy clients send it) must belong to it. Raises NotYourAccount."""
        return await self._own_account(_require_own(await self._unit_of_work.find(user_id), openid))

    async def update(
        self, user_id: str, profile: ProfileFields, claim: Claim, actor: Actor, from_machine: bool = False
    ) -> OwnAccount:
        """Set the fields of the request, remove those sent empty. A phone is verified as in `bind_phone`.

        Raises NotYourAccount, PhoneBound, PhoneCodeInvalid.
        """
        user = _require_own(await self._unit_of_work.find(user_id), claim.openid)
        phone = None
        if claim.phone_code or claim.phone:
            phone = await self._verifier.phone_of(claim, user.open_id_for(self._verifier.app_id), from_machine)

        def change(user: User, now: datetime) -> User:
            changed = user.with_profile(profile.sent()).with_region(None)
            return changed.with_phone(phone.number, phone.is_verified, now) if phone else changed

        return await self._own_account(await self._unit_of_work.change(user_id, change, actor))

    async def bind_phone(
        self, user_id: str, claim: Claim, confirm_rebind: bool, actor: Actor, from_machine: bool = False
    ) -> OwnAccount:
        """Bind a verified phone. Raises PhoneCodeRequired, PhoneCodeInvalid, PhoneBound.

        With `confirm_rebind`, a number that WeChat has just verified is taken from its former account.
        """
        user = _require_own(await self._unit_of_work.find(user_id), claim.openid)
        phone = await self._verifier.verify_phone(claim, user.open_id_for(self._verifier.app_id), from_machine)

        async def once() -> User:
            if confirm_rebind and phone.is_verified and claim.phone_code:
                await self._take_from_former_owner(user_id, phone, actor)
            return await self._unit_of_work.change(
                user_id, lambda user, now: user.with_phone(phone.number, phone.is_verified, now), actor
            )

        # A concurrent request may bind the number between the two writes; then it is taken from that account again.
        again_on = (PhoneBound,) if confirm_rebind and phone.is_verified else ()
        return await self._own_account(await retry_on_conflict(once, again_on=again_on))

    async def _take_from_former_owner(self, user_id: str, phone: PhoneNumber, actor: Actor) -> None:
        """The first of two writes: a crash between them leaves the number without an owner, never with two."""
        owner = await self._users.find_by_phone(phone.number)
        if owner is None or owner.id == user_id:
            return

        def remove_phone(user: User, now: datetime) -> User:
            return user.without_phone(now, lost=True) if user.phone == phone.number else user

        with suppress(UserNotFound):  # deleted concurrently: the number is free
            lost = with_action(actor, PHONE_LOST_ACTION)
            await self._unit_of_work.change(owner.id, remove_phone, lost, "number verified by another account")

    async def unbind_phone(self, user_id: str, actor: Actor) -> OwnAccount:
        """Idempotent."""
        user = await self._unit_of_work.change(user_id, lambda user, now: user.without_phone(now), actor)
        return await self._own_account(user)

    async def set_password(
        self,
        user_id: str,
        session_id: str,
        new_password: str,
        old_password: str,
        claim: Claim,
        username: str,
        actor: Actor,
    ) -> None:
        """Set or change the password, and the account name if there is none; end all other sessions.

        A change needs the old password or a fresh phoneCode of the bound number. Raises PasswordProofRequired,
        OldPasswordWrong, PhoneNotYours, PhoneCodeInvalid, WeakPassword, UsernameRequired, UsernameTaken, UsernameFixed,
        LoginDelayed.
        """
        user = await self._unit_of_work.find(user_id)
        if await self._credentials.hash_of(user_id) is not None:
            # The session is a known device: strangers cannot use up its tries.
            attempt = LoginTry(account=user_id, address=actor.address, device=session_id)
            await self._require_authorisation(user, old_password, claim, attempt)
        require_strong(new_password, (*user.own_words, username))
        hashed = await self._hasher.hash(new_password, actor.address)

        def change(user: User, now: datetime) -> User:
            named = user.with_username(username) if username else user
            if not named.username:
                raise UsernameRequired
            # The new `updated_at` makes it a change, so that the audit row is written even when no other session ends.
            return named.with_only_session(session_id).model_copy(update={"updated_at": now})

        # Sessions end first: a crash in between leaves the old password, never an old session beside a new password.
        await self._unit_of_work.change(user_id, change, actor)
        await self._credentials.store(user_id, hashed)

    async def _require_authorisation(self, user: User, old_password: str, claim: Claim, attempt: LoginTry) -> None:
        if old_password:
            left = await self._passwords.refuse(user.id, old_password, attempt)
            if left is not None:
                raise OldPasswordWrong(left)
        elif claim.phone_code:
            phone = await self._verifier.verify_phone(claim, user.open_id_for(self._verifier.app_id))
            if not phone.is_verified or phone.number != user.phone:
                raise PhoneNotYours
        else:
            raise PasswordProofRequired

    async def _own_account(self, user: User) -> OwnAccount:
        is_staff = await is_staff_member(self._staff, user)
        is_admin = is_staff and await self._staff.is_administrator_phone(user.phone)
        return OwnAccount(user=user, is_staff=is_staff, is_admin=is_admin)


def _require_own(user: User, openid: str) -> User:
    if openid and not user.has_open_id(openid):
        raise NotYourAccount
    return user
