"""What staff do with the accounts of mini-program users."""

from collections.abc import Sequence
from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.authority import Role, StaffAuthority
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower
from domain.users.administration.listing import UserFilter, UserQuery, UserSort
from domain.users.change_events import Facts
from domain.users.errors import AdministratorRequired, MergeRefused
from domain.users.identity_digests import Tombstones
from domain.users.login.record import LoginRecord
from domain.users.model import StoredStatus, User
from domain.users.ports import LoginJournal, UserCredentials, UserList
from domain.users.profile.fields import ProfileFields
from domain.users.unit_of_work import Accounts


class UserAdministration:
    def __init__(
        self,
        accounts: Accounts,
        users: UserList,
        credentials: UserCredentials,
        journal: LoginJournal,
        audit: DurableFollower,
        facts: Facts,
        tombstones: Tombstones,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._users = users
        self._credentials = credentials
        self._journal = journal
        self._audit = audit
        self._facts = facts
        self._tombstones = tombstones
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
        return await self._accounts.find(user_id)

    async def login_logs(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        """Raises UserNotFound, PageTooDeep."""
        await self._accounts.find(user_id)
        return await self._journal.page_of(user_id, paging)

    async def update(self, user_id: str, profile: ProfileFields, expected_version: int | None, actor: Actor) -> User:
        """Raises UserNotFound, UserMoved."""

        def act(user: User, now: datetime) -> User:
            return user.with_profile(profile.sent()).with_region(None)

        return await self._accounts.change(user_id, act, actor, expected_version=expected_version)

    async def set_status(
        self, user_id: str, status: StoredStatus, reason: str, expected_version: int | None, actor: Actor
    ) -> User:
        """Blocking ends every session at once. Raises UserNotFound, UserMoved."""
        return await self._accounts.change(
            user_id, lambda user, now: user.with_status(status, reason), actor, reason, expected_version
        )

    async def unbind_phone(self, user_id: str, reason: str, actor: Actor) -> User:
        return await self._accounts.change(user_id, lambda user, now: user.without_phone(now), actor, reason)

    async def delete(self, user_id: str, reason: str, actor: Actor) -> None:
        """Whoever comes back with the same openid gets a new account. Raises UserNotFound."""

        def act(user: User, now: datetime) -> User:
            return user.deleted(self._tombstones.remains_of(user), now)

        await self._accounts.change(user_id, act, actor, reason)
        await self._credentials.forget(user_id)

    async def reveal(self, user_id: str, fields: Sequence[str], reason: str, actor: Actor) -> User:
        """The account, once it is written down who saw which fields in clear. Raises UserNotFound."""
        user = await self._accounts.find(user_id)
        row = self._facts.note(user_id, {"revealed": sorted(fields)}, actor, self._clock.now(), reason)
        await self._audit.follow((row,))
        return user

    async def merge(self, user_id: str, into: str, reason: str, authority: StaffAuthority, actor: Actor) -> User:
        """Let an account end in another one of the same person; gives that one back.

        One write does it: the first account becomes a signpost, and its openids lead to the second from then on. So no
        log-in falls between, and doing it twice changes nothing more. Administrators only; both accounts as they were
        are in the audit log. Raises AdministratorRequired, UserNotFound, MergeRefused.
        """
        if authority.role != Role.ADMIN:
            raise AdministratorRequired
        target = await self._accounts.find(into)
        if into == user_id:
            raise MergeRefused

        def decide(user: User, now: datetime) -> tuple[User, Sequence[DomainEvent]]:
            after = user.merged(into, self._tombstones.remains_of(user), now)
            after = after.model_copy(update={"updated_at": now, "edited_version": user.next_version})
            shown = {"mergedFrom": user.snapshot(), "account": target.snapshot()}
            events = [*self._facts.figures(user, after, now), *self._facts.changed(user, after, now)]
            return after, [
                *events,
                self._facts.audit(user, after, actor, now, reason),
                self._facts.note(into, shown, actor, now, reason),
            ]

        await self._accounts.save_with(user_id, decide)
        await self._credentials.forget(user_id)
        return target
