"""Use cases of staff on the accounts of mini-program users."""

from collections.abc import Sequence
from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower
from domain.users.administration.capabilities import UserCapability, capabilities
from domain.users.change_events import UserChangeEvents
from domain.users.errors import AdministratorRequired, MergeRefused
from domain.users.identity_digests import IdentityDigester
from domain.users.login_record import LoginRecord
from domain.users.model import StoredStatus, User
from domain.users.ports import LoginJournal, UserCredentials, UserList
from domain.users.profile_fields import ProfileFields
from domain.users.unit_of_work import UserUnitOfWork
from domain.users.user_query import UserFilter, UserQuery, UserSort


class UserAdministration:
    def __init__(
        self,
        unit_of_work: UserUnitOfWork,
        users: UserList,
        credentials: UserCredentials,
        journal: LoginJournal,
        audit: DurableFollower,
        change_events: UserChangeEvents,
        digester: IdentityDigester,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._users = users
        self._credentials = credentials
        self._journal = journal
        self._audit = audit
        self._change_events = change_events
        self._digester = digester
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def query(self, wanted: UserFilter, search: str, sort: UserSort) -> UserQuery:
        return UserQuery(filter=wanted, search=search.strip(), sort=sort, now=self._clock.now())

    async def page(self, query: UserQuery, paging: PageRequest) -> Page[User]:
        """Raises PageTooDeep, SearchTooBroad."""
        return await self._users.page(query, paging)

    async def find(self, user_id: str) -> User:
        """Raises UserNotFound."""
        return await self._unit_of_work.find(user_id)

    async def login_logs(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        """Raises UserNotFound, PageTooDeep."""
        await self._unit_of_work.find(user_id)
        return await self._journal.page_of(user_id, paging)

    async def update(self, user_id: str, profile: ProfileFields, expected_version: int | None, actor: Actor) -> User:
        """Raises UserNotFound, UserVersionConflict."""

        def change(user: User, now: datetime) -> User:
            return user.with_profile(profile.sent()).with_region(None)

        return await self._unit_of_work.change(user_id, change, actor, expected_version=expected_version)

    async def set_status(
        self, user_id: str, status: StoredStatus, reason: str, expected_version: int | None, actor: Actor
    ) -> User:
        """Block or unblock. Blocking ends every session at once. Raises UserNotFound, UserVersionConflict."""
        return await self._unit_of_work.change(
            user_id, lambda user, now: user.with_status(status, reason), actor, reason, expected_version
        )

    async def unbind_phone(self, user_id: str, reason: str, actor: Actor) -> User:
        return await self._unit_of_work.change(user_id, lambda user, now: user.without_phone(now), actor, reason)

    async def delete(self, user_id: str, reason: str, actor: Actor) -> None:
        """Delete the account and its password. A later login with the same openid creates a new account.

        Raises UserNotFound.
        """

        def change(user: User, now: datetime) -> User:
            return user.deleted(self._digester.digests_of(user), now)

        await self._unit_of_work.change(user_id, change, actor, reason)
        await self._credentials.forget(user_id)

    async def reveal(self, user_id: str, fields: Sequence[str], reason: str, actor: Actor) -> User:
        """The account, after an audit row records which fields were shown in clear. Raises UserNotFound."""
        user = await self._unit_of_work.find(user_id)
        row = self._change_events.audit_note(user_id, {"revealed": sorted(fields)}, actor, self._clock.now(), reason)
        await self._audit.follow((row,))
        return user

    async def merge(self, user_id: str, into: str, reason: str, authority: StaffAuthority, actor: Actor) -> User:
        """Merge an account into the account `into` of the same person; returns that account.

        One save does it: the merged account keeps its openids, and they lead to `into` from then on, so no login falls
        between. Administrators only; the audit log keeps both accounts as they were.
        Raises AdministratorRequired, UserNotFound (also for an account that was merged before), MergeRefused.
        """
        if UserCapability.MERGE not in capabilities(authority):
            raise AdministratorRequired
        target = await self._unit_of_work.find(into)
        if into == user_id:
            raise MergeRefused

        def decide(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            after = user.merged(into, self._digester.digests_of(user), now)
            after = after.model_copy(update={"updated_at": now, "edited_version": user.next_version})
            details = {"mergedFrom": user.snapshot(), "account": target.snapshot()}
            return after, [
                *self._change_events.counted_events(user, after, now),
                *self._change_events.user_changed(user, after, now),
                self._change_events.audit_row(user, after, actor, now, reason),
                self._change_events.audit_note(into, details, actor, now, reason),
            ]

        await self._unit_of_work.change_with_events(user_id, decide)
        await self._credentials.forget(user_id)
        return target
