"""What a mini-program user does with their own account."""

from contextlib import suppress
from datetime import datetime
from typing import Literal

from domain.shared.actor import Actor
from domain.shared.credentials import PasswordHasher
from domain.shared.login_throttle import LoginThrottle
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.shared.retry import retry_on_conflict
from domain.users.change_events import doing
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
from domain.users.login.identity_verification import Claim, PhoneProof, Proofs
from domain.users.model import User
from domain.users.ports import StaffDirectory, UserCredentials, UserRepository
from domain.users.profile.fields import ProfileFields
from domain.users.unit_of_work import Accounts

ShownRole = Literal["admin", "staff", "推荐官", "customer"]
_REFERRERS = ("推荐官", "referrer")

PHONE_LOST = "miniprogram-user.phone-lost"


class OwnAccount(Model):
    user: User
    is_staff: bool
    is_admin: bool

    @property
    def role(self) -> ShownRole:
        """admin before staff before 推荐官 before customer, computed afresh each time."""
        if self.is_admin:
            return "admin"
        if self.is_staff:
            return "staff"
        return "推荐官" if self.user.role in _REFERRERS else "customer"


class UserProfiles:
    def __init__(
        self,
        users: UserRepository,
        accounts: Accounts,
        proofs: Proofs,
        credentials: UserCredentials,
        hasher: PasswordHasher,
        throttle: LoginThrottle,
        staff: StaffDirectory,
        clock: Clock,
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._proofs = proofs
        self._credentials = credentials
        self._hasher = hasher
        self._throttle = throttle
        self._staff = staff
        self._clock = clock

    async def info(self, user_id: str, openid: str = "") -> OwnAccount:
        """`openid`, where older clients send it, must be the account's own. Raises NotYourAccount."""
        return await self._own(_require_own(await self._accounts.find(user_id), openid))

    async def update(
        self, user_id: str, profile: ProfileFields, claim: Claim, actor: Actor, from_machine: bool = False
    ) -> OwnAccount:
        """Change what was sent; remove what was sent empty. A phone is heard as in `bind_phone`.

        Raises NotYourAccount, PhoneBound, PhoneCodeInvalid.
        """
        user = _require_own(await self._accounts.find(user_id), claim.openid)
        phone = None
        if claim.phone_code or claim.phone:
            phone = await self._proofs.phone_or_none(claim, user.open_id_for(self._proofs.app_id), from_machine)

        def act(user: User, now: datetime) -> User:
            changed = user.with_profile(profile.sent()).with_region(None)
            return changed.with_phone(phone.phone, phone.verified, now) if phone else changed

        return await self._own(await self._accounts.change(user_id, act, actor))

    async def bind_phone(
        self, user_id: str, claim: Claim, confirm_rebind: bool, actor: Actor, from_machine: bool = False
    ) -> OwnAccount:
        """Bind a proven phone. Raises PhoneCodeRequired, PhoneCodeInvalid, PhoneBound.

        With `confirm_rebind` a number that WeChat has just verified leaves its former account, which keeps all else.
        """
        user = _require_own(await self._accounts.find(user_id), claim.openid)
        phone = await self._proofs.of_phone(claim, user.open_id_for(self._proofs.app_id), from_machine)

        async def once() -> User:
            if confirm_rebind and phone.verified and claim.phone_code:
                await self._take_from_former_owner(user_id, phone, actor)
            return await self._accounts.change(
                user_id, lambda user, now: user.with_phone(phone.phone, phone.verified, now), actor
            )

        # Somebody else may take the number between the two writes; then it is taken from them, once more.
        return await self._own(
            await retry_on_conflict(once, again_on=(PhoneBound,) if confirm_rebind and phone.verified else ())
        )

    async def _take_from_former_owner(self, user_id: str, phone: PhoneProof, actor: Actor) -> None:
        """First of two writes: a crash in between leaves the number without an owner, never with two."""
        owner = await self._users.find_by_phone(phone.phone)
        if owner is None or owner.id == user_id:
            return

        def lose(user: User, now: datetime) -> User:
            return user.without_phone(now, lost=True) if user.phone == phone.phone else user

        with suppress(UserNotFound):  # deleted a moment ago: the number is free
            await self._accounts.change(owner.id, lose, doing(actor, PHONE_LOST), "number verified by another account")

    async def unbind_phone(self, user_id: str, actor: Actor) -> OwnAccount:
        """Unbinding where nothing is bound changes nothing."""
        return await self._own(await self._accounts.change(user_id, lambda user, now: user.without_phone(now), actor))

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
        """Set or change the password, and the account name where there is none; ends all other sessions.

        A change needs the old password or a fresh phoneCode of the bound number. Raises PasswordProofRequired,
        OldPasswordWrong, PhoneNotYours, PhoneCodeInvalid, UsernameRequired, UsernameTaken, UsernameFixed, RateLimited.
        """
        user = await self._accounts.find(user_id)
        stored = await self._credentials.hash_of(user_id)
        if stored is not None:
            await self._require_proof(user, stored, old_password, claim, actor)
        hashed = await self._hasher.hash(new_password)

        def act(user: User, now: datetime) -> User:
            named = user.with_username(username) if username else user
            if not named.username:
                raise UsernameRequired
            # The audit row is written even when no other session had to end.
            return named.with_only_session(session_id).model_copy(update={"updated_at": now})

        # Sessions end first: a crash in between leaves the old password, never an old session beside a new password.
        await self._accounts.change(user_id, act, actor)
        await self._credentials.store(user_id, hashed)

    async def _require_proof(self, user: User, stored: str, old_password: str, claim: Claim, actor: Actor) -> None:
        if old_password:
            await self._throttle.require_allowed(user.id, actor.address)
            if not await self._hasher.verify(old_password, stored):
                await self._throttle.record_failure(user.id, actor.address)
                raise OldPasswordWrong
            await self._throttle.record_success(user.id, actor.address)
        elif claim.phone_code:
            phone = await self._proofs.of_phone(claim, user.open_id_for(self._proofs.app_id))
            if not phone.verified or phone.phone != user.phone:
                raise PhoneNotYours
        else:
            raise PasswordProofRequired

    async def _own(self, user: User) -> OwnAccount:
        is_staff = await is_staff_member(self._staff, user)
        is_admin = is_staff and await self._staff.is_administrator_phone(user.phone)
        return OwnAccount(user=user, is_staff=is_staff, is_admin=is_admin)


def _require_own(user: User, openid: str) -> User:
    if openid and not user.has_open_id(openid):
        raise NotYourAccount
    return user
