"""The notifications area over stores in memory, with two types of its own and the people who get them."""

from datetime import timedelta
from typing import Any, ClassVar, Final

from domain.notifications.events import NotificationsSent
from domain.notifications.model import Notification
from domain.notifications.ports import NotificationQuery
from domain.notifications.services import NotificationPorts, notification_services
from domain.shared.authority import Role, StaffAuthority
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.notifications import (
    Notice,
    Notifications,
    NotificationType,
    OwnersChanged,
    OwnershipRule,
    Priority,
    Recipients,
    RecordRef,
    ResponsibleFor,
)
from domain.shared.paging import PageRequest
from domain.shared.scope import Resource
from domain.shared.text import Text
from domain.staff.permissions import ROLE_PERMISSIONS
from tests.domain.notifications.memory import (
    MemoryNotifications,
    MemoryRecords,
    MemoryStaff,
    MemoryTemplates,
    RecordingPublisher,
)
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.clocks import SettableClock

BOSS, CLERK, OTHER, LEAD = "a" * 24, "b" * 24, "c" * 24, "d" * 24


class ThingHappened(DomainEvent):
    type: ClassVar[str] = "test.thing_happened"

    thing: str
    key: str
    owner: str = CLERK
    to: tuple[str, ...] = (CLERK,)
    overseers: bool = False
    without: tuple[str, ...] = ()
    worker: str = ""
    customer: str = "王芳"
    silent: bool = False


class ThingMoved(DomainEvent):
    type: ClassVar[str] = "test.thing_moved"

    thing: str
    owner: str


class Rights(DomainEvent):
    type: ClassVar[str] = "test.rights"


class Values(Model):
    customer_name: str
    kind: Text = Text("新", "new")
    resume_name: str = ""


def notice(event: ThingHappened) -> Notice | None:
    if event.silent:
        return None
    worker = ResponsibleFor(RecordRef(kind="resume", id=event.worker), "resumeName") if event.worker else None
    return Notice(
        fact=event.key,
        to=Recipients(event.to, event.overseers, worker, event.without),
        about=RecordRef(kind="thing", id=event.thing),
        values=Values(customer_name=event.customer),
        owners=(event.owner,) if event.owner else (),
    )


_SHARED: Final[dict[str, Any]] = {
    "priority": Priority.HIGH,
    "cause": ThingHappened,
    "values": Values,
    "title": Text("{{kind}}：{{customerName}}", "{{kind}}: {{customerName}}"),
    "content": Text("{{resumeName}}", "{{resumeName}}"),
    "action_url": "#/things?thing={{customerName}}",
    "permission": "contract:view",
    "resource": Resource.CONTRACT,
}
PLAIN: Final = NotificationType(code="THING", name=Text("事", "Thing"), notice=notice, **_SHARED)
MERGED: Final = NotificationType(
    code="THINGS", name=Text("多事", "Things"), notice=notice, merge=timedelta(hours=1), **_SHARED
)


def member(staff_id: str, role: Role, department: str = "", colleagues: tuple[str, ...] = ()) -> StaffAuthority:
    return StaffAuthority(
        id=staff_id,
        username=staff_id,
        name=staff_id,
        role=role,
        permissions=ROLE_PERMISSIONS[role],
        session_id="s",
        department=department,
        colleagues=frozenset(colleagues),
    )


class Office:
    """`BOSS` administers; `CLERK` and `OTHER` are employees; `LEAD` manages the department of `OTHER`."""

    def __init__(self, *types: NotificationType[Any]) -> None:
        self.clock, self.store, self.templates = SettableClock(), MemoryNotifications(), MemoryTemplates()
        self.staff, self.records, self.publisher = MemoryStaff(), MemoryRecords(), RecordingPublisher()
        self.employ(member(BOSS, Role.ADMIN), member(CLERK, Role.EMPLOYEE), member(OTHER, Role.EMPLOYEE))
        self.employ(member(LEAD, Role.MANAGER, "north", (OTHER, LEAD)))
        self.ids = SequentialIds()
        ports = NotificationPorts(
            self.store, self.templates, self.staff, self.records, self.publisher, self.clock, self.ids
        )
        ownership = OwnershipRule(
            ThingMoved,
            lambda event: OwnersChanged(
                RecordRef(kind="thing", id=event.thing), Resource.CONTRACT, tuple(filter(None, [event.owner]))
            ),
        )
        declared = Notifications(types=types or (PLAIN,), ownership=(ownership,))
        self.services = notification_services(ports, {"things": declared}, (Rights,))

    def employ(self, *members: StaffAuthority) -> None:
        self.staff.members |= {each.id: each for each in members}

    def event(self, key: str = "one", **fields: Any) -> ThingHappened:
        return ThingHappened(id=self.ids.next_id(), at=self.clock.now(), **{"thing": "1", "key": key, **fields})

    async def happen(self, key: str = "one", **fields: Any) -> ThingHappened:
        event = self.event(key, **fields)
        await self.services.sender.follow([event])
        return event

    async def rows(self, staff_id: str) -> list[Notification]:
        """The rows that this person sees, newest first."""
        reader = self.staff.members[staff_id]
        return (await self.services.own.page(reader, NotificationQuery(), PageRequest())).list

    async def unread(self, staff_id: str) -> int:
        return await self.services.own.unread_count(self.staff.members[staff_id])

    @property
    def announced(self) -> list[tuple[str, int]]:
        """Recipients and counts, in the order of announcement."""
        sent = [event for event in self.publisher.events if isinstance(event, NotificationsSent)]
        return [(recipient.user_id, recipient.count) for event in sent for recipient in event.to]
