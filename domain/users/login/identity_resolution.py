"""Resolves a verified identity to its account, and links new openids, unionids and phones to it.

No path leads to an account that the identity does not prove.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.users.change_events import UserChangeEvents, identified_actor, with_action
from domain.users.errors import IdentityConflict, PhoneBound
from domain.users.identity import WeChatIdentity
from domain.users.login.identity_verification import PhoneNumber, VerifiedIdentity
from domain.users.model import User
from domain.users.ports import UserRepository

_MAX_MERGE_CHAIN = 5
"""How many merges in a row are followed: an account may be merged into one that is itself merged later."""


class KnownAccount(Model):
    user: User
    through_merge: bool = False
    """The openid belongs to an account that was merged into `user`."""


class IdentityResolver:
    def __init__(self, users: UserRepository, change_events: UserChangeEvents, clock: Clock) -> None:
        self._users = users
        self._change_events = change_events
        self._clock = clock

    async def find_account(self, identity: VerifiedIdentity) -> KnownAccount | None:
        """By openid, else by unionid; by phone only when a trusted caller sent nothing else."""
        wechat = identity.wechat
        if wechat is None:
            found = await self._users.find_by_phone(identity.phone.number) if identity.phone else None
            return KnownAccount(user=found) if found else None
        found = await self._users.find_by_identity(wechat.app_id, wechat.open_id)
        if found is None and wechat.union_id:
            found = await self._users.find_by_unionid(wechat.union_id)
        if found is None or not found.is_gone:
            return KnownAccount(user=found) if found else None
        return await self._follow_merge(found)

    async def _follow_merge(self, merged: User) -> KnownAccount | None:
        """The account that `merged` leads to. When that account was deleted, the openids are released: None."""
        target = await self._merge_target(merged)
        if target is not None:
            return KnownAccount(user=target, through_merge=True)
        await self._users.save(merged.model_copy(update={"openid": "", "unionid": "", "identities": ()}), ())
        return None

    async def _merge_target(self, merged: User) -> User | None:
        target: User | None = merged
        for _ in range(_MAX_MERGE_CHAIN):
            if target is None or not target.merged_into:
                break
            target = await self._users.find(target.merged_into)
        return target if target is not None and not target.is_gone else None

    async def link_identity(
        self, known: KnownAccount, wechat: WeChatIdentity | None, actor: Actor
    ) -> tuple[User, Sequence[DomainEvent]]:
        """The account with the openid and unionid that WeChat reports, and the audit rows of what was linked.

        Raises IdentityConflict when another account owns the unionid.
        """
        user = known.user
        if wechat is None or known.through_merge:
            return user, ()
        held = user.identity_in(wechat.app_id, wechat.open_id)
        if held is not None and (not wechat.union_id or held.unionid == wechat.union_id):
            return user, ()
        now = self._clock.now()
        by_user = identified_actor(actor, user)
        if held is None:
            after = user.with_identity(wechat)
            linked = with_action(by_user, "miniprogram-user.identity-linked")
            return after, (self._change_events.audit_row(user, after, linked, now),)
        owner = await self._users.find_by_unionid(wechat.union_id)
        if owner is not None and owner.id != user.id:
            target = await self._merge_target(owner)
            if target is not None and target.id == user.id:
                return user, ()  # the unionid leads here already, through a merge
            await self._refuse_unionid(user, owner, by_user, now)
        after = user.with_identity(wechat)
        if not held.unionid:
            return after, ()
        changed = with_action(by_user, "miniprogram-user.unionid-changed")
        return after, (self._change_events.audit_row(user, after, changed, now, "UNIONID_CHANGED"),)

    async def _refuse_unionid(self, user: User, owner: User, by_user: Actor, now: datetime) -> NoReturn:
        """Flag the account for review, once, and raise IdentityConflict."""
        if not user.needs_review:
            conflict = with_action(by_user, "miniprogram-user.identity-conflict")
            row = self._change_events.audit_note(user.id, {"otherUser": owner.id}, conflict, now, IdentityConflict.code)
            await self._users.save(user.flagged_for_review(), (row,))
        raise IdentityConflict

    async def link_phone(self, user: User, phone: PhoneNumber | None, replace: bool, now: datetime) -> User:
        """The account with this phone. Without `replace`, a phone that it already has stays.

        Raises PhoneBound when the number would replace the account's own and belongs to another account.
        """
        if phone is None:
            return user
        if user.phone and user.phone != phone.number:
            if await self._users.find_by_phone(phone.number) is not None:
                raise PhoneBound
            if not replace:
                return user
        return user.with_phone(phone.number, phone.is_verified, now)
