"""The notifications area: sends what the other areas declare. Built after them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from domain.notifications.ports import StaffDirectory
from domain.notifications.services import NotificationPorts, NotificationServices, notification_services
from domain.shared.authority import StaffAuthority
from domain.shared.ports import Clock, EventPublisher, Subscriptions
from domain.staff.access import StaffAccess
from domain.staff.events import StaffAccessChanged, StaffChanged, StaffMoved
from domain.staff.role import RoleChanged
from domain.staff.services import StaffServices
from integrations.mongo.notifications import MongoNotifications, MongoNotificationTemplates
from integrations.mongo.responsible_staff import MongoRecordDirectory
from integrations.mongo.staff import MongoStaffRepository
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import staff_repository

_STAFF_CHANGED_BY: Final = (StaffChanged, StaffMoved, StaffAccessChanged, RoleChanged)


class ActiveStaff(StaffDirectory):
    def __init__(self, staff: MongoStaffRepository, access: StaffAccess) -> None:
        self._staff = staff
        self._access = access

    async def active_members(self) -> Sequence[StaffAuthority]:
        return [await self._access.authority_of_member(member) for member in await self._staff.usable()]


def active_staff(base: Infrastructure, staff: StaffServices) -> ActiveStaff:
    return ActiveStaff(staff_repository(base), staff.access)


def wire_notifications(
    base: Infrastructure,
    areas: Iterable[Area[Any]],
    staff: StaffServices,
    *,
    clock: Clock | None = None,
    publisher: EventPublisher | None = None,
) -> Area[NotificationServices]:
    """`areas`: all others, which declare the types. `clock`, `publisher`: instead of the usual ones, for a history."""
    rows, templates = MongoNotifications(base.database), MongoNotificationTemplates(base.database, base.outbox)
    services = notification_services(
        NotificationPorts(
            store=rows,
            templates=templates,
            staff=active_staff(base, staff),
            records=MongoRecordDirectory(base.database),
            publisher=publisher or base.bus,
            clock=clock or base.clock,
            ids=base.ids,
        ),
        {area.name: area.notifications for area in areas},
        _STAFF_CHANGED_BY,
    )

    async def prepare() -> None:
        await rows.create_indexes()
        await templates.create_indexes()
        await services.templates.seed()

    return Area(
        name="notifications",
        services=services,
        repositories=(templates,),
        subscriptions=_subscriptions(services),
        projections=(services.staff_table, services.template_table),
        create_indexes=prepare,
    )


def _subscriptions(services: NotificationServices) -> Subscriptions:
    """An event may be both: the cause of a notification, and a change of owner of earlier ones."""
    causes, rules = set(services.types.causes), set(services.ownership.rules)
    followers = ((services.sender, causes), (services.ownership, rules))
    return {event: tuple(each for each, followed in followers if event in followed) for event in causes | rules}
