"""Recipients of a notification: the people of a notice who may sign in and may see the record."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from domain.notifications.ports import RecordDirectory, ResponsiblePerson, StaffDirectory
from domain.shared.authority import Role, StaffAuthority
from domain.shared.events import DomainEvent, StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy
from domain.shared.notifications import Notice, NotificationType
from domain.shared.scope import scope_of

OVERSEERS: Final = frozenset({Role.ADMIN, Role.MANAGER, Role.OPERATOR})


class StaffTable:
    """All active members of staff in memory, in every app process. Implements `EventConsumer`."""

    def __init__(self, directory: StaffDirectory, changed_by: Collection[type[DomainEvent]]) -> None:
        """`changed_by`: the events after which the members or their rights may be others."""
        self._directory = directory
        self._changed_by = tuple(changed_by)
        self._members: Mapping[str, StaffAuthority] = {}
        self._copy = FreshCopy(self._read)

    async def members(self) -> Mapping[str, StaffAuthority]:
        """By id. Raises Unavailable."""
        await self._copy.ensure()
        return self._members

    async def _read(self) -> None:
        self._members = {each.id: each for each in await self._directory.active_members()}

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if any(isinstance(entry.event, self._changed_by) for entry in entries):
            self._copy.expire()

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()


class RecipientResolver:
    def __init__(self, staff: StaffTable, records: RecordDirectory) -> None:
        self._staff = staff
        self._records = records

    async def resolve(
        self, kind: NotificationType[Any], notice: Notice
    ) -> tuple[Sequence[str], ResponsiblePerson | None]:
        """The ids of the recipients, sorted, and the person responsible for the record, if the notice asks for one.

        Raises Unavailable.
        """
        members = await self._staff.members()
        wanted, responsible = set(notice.to.staff), None
        if notice.to.overseers:
            wanted |= {each.id for each in members.values() if each.role in OVERSEERS}
        if notice.to.role:
            wanted |= {each.id for each in members.values() if each.role == notice.to.role}
        if notice.to.responsible is not None:
            responsible = await self._records.responsible_for(notice.to.responsible.record)
            if responsible is not None:
                wanted.add(responsible.staff_id)
        wanted -= set(notice.to.without)
        return sorted(each for each in wanted if _may_see(members.get(each), kind, notice)), responsible


def _may_see(member: StaffAuthority | None, kind: NotificationType[Any], notice: Notice) -> bool:
    if member is None or (kind.permission and not member.may(kind.permission)):
        return False
    return not (kind.resource and notice.owners) or scope_of(member, kind.resource).covers(*notice.owners)
