"""Which account a proof belongs to. No path leads to an account that the proof does not prove."""

from collections.abc import Sequence
from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.users.change_events import Facts, by_user, doing
from domain.users.errors import IdentityConflict, PhoneBound
from domain.users.identity import WeChatIdentity
from domain.users.login.identity_verification import PhoneProof, Proof
from domain.users.model import User
from domain.users.ports import UserRepository

_LONGEST_CHAIN = 5
"""Accounts merged into accounts that were merged in turn."""


class Known(Model):
    user: User
    through_merge: bool = False
    """The openid stays with the account that was merged away, and leads here."""


class Identities:
    def __init__(self, users: UserRepository, facts: Facts, clock: Clock) -> None:
        self._users = users
        self._facts = facts
        self._clock = clock

    async def account_of(self, proof: Proof) -> Known | None:
        """By openid, else by unionid; by phone only when a trusted caller named nothing else."""
        if proof.identity is None:
            found = await self._users.find_by_phone(proof.phone.phone) if proof.phone else None
            return Known(user=found) if found else None
        identity = proof.identity
        found = await self._users.find_by_identity(identity.app_id, identity.open_id)
        if found is None and identity.union_id:
            found = await self._users.find_by_unionid(identity.union_id)
        if found is None or not found.is_gone:
            return Known(user=found) if found else None
        return await self._followed(found)

    async def _followed(self, merged: User) -> Known | None:
        """The account that `merged` leads to; when that one was deleted, its owner starts afresh."""
        target: User | None = merged
        for _ in range(_LONGEST_CHAIN):
            if target is None or not target.merged_into:
                break
            target = await self._users.find(target.merged_into)
        if target is not None and not target.is_gone:
            return Known(user=target, through_merge=True)
        await self._users.save(merged.model_copy(update={"openid": "", "unionid": "", "identities": ()}), ())
        return None

    async def identified(
        self, known: Known, identity: WeChatIdentity | None, actor: Actor
    ) -> tuple[User, Sequence[DomainEvent]]:
        """The account with what WeChat says about it now. Raises IdentityConflict when WeChat contradicts our books."""
        user = known.user
        if identity is None or known.through_merge:
            return user, ()
        held = user.identity_in(identity.app_id, identity.open_id)
        if held is not None and (not identity.union_id or held.unionid == identity.union_id):
            return user, ()
        now = self._clock.now()
        if held is None:
            after = user.with_identity(identity)
            row = self._facts.audit(user, after, doing(by_user(actor, user), "miniprogram-user.identity-linked"), now)
            return after, (row,)
        await self._require_free(user, identity, actor, now)
        after = user.with_identity(identity)
        if not held.unionid:
            return after, ()
        changed = doing(by_user(actor, user), "miniprogram-user.unionid-changed")
        return after, (self._facts.audit(user, after, changed, now, "UNIONID_CHANGED"),)

    async def _require_free(self, user: User, identity: WeChatIdentity, actor: Actor, now: datetime) -> None:
        owner = await self._users.find_by_unionid(identity.union_id)
        if owner is None or user.id in (owner.id, owner.merged_into):
            return
        if not user.needs_review:
            noted = doing(by_user(actor, user), "miniprogram-user.identity-conflict")
            row = self._facts.note(user.id, {"otherUser": owner.id}, noted, now, IdentityConflict.code)
            await self._users.save(user.flagged_for_review(), (row,))
        raise IdentityConflict

    async def with_phone(self, user: User, phone: PhoneProof | None, replace: bool, now: datetime) -> User:
        """The account with a proven phone; without `replace` only if it had none. Raises PhoneBound."""
        if phone is None:
            return user
        if user.phone and user.phone != phone.phone:
            if await self._users.find_by_phone(phone.phone) is not None:
                raise PhoneBound
            if not replace:
                return user
        return user.with_phone(phone.phone, phone.verified, now)
