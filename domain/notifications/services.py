"""All use cases of the notifications area, built from their ports."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from domain.notifications.ownership import OwnershipFollower
from domain.notifications.ports import NotificationStore, RecordDirectory, StaffDirectory, TemplateRepository
from domain.notifications.recipients import RecipientResolver, StaffTable
from domain.notifications.sender import NotificationSender
from domain.notifications.service import OwnNotifications
from domain.notifications.template_table import TemplateTable
from domain.notifications.types import NotificationTypes
from domain.notifications.unread_counts import UnreadCounts
from domain.shared.events import DomainEvent
from domain.shared.notifications import Notifications
from domain.shared.ports import Clock, EventPublisher, IdGenerator


@dataclass(frozen=True, slots=True)
class NotificationPorts:
    store: NotificationStore
    templates: TemplateRepository
    staff: StaffDirectory
    records: RecordDirectory
    publisher: EventPublisher
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class NotificationServices:
    types: NotificationTypes
    own: OwnNotifications
    counts: UnreadCounts
    sender: NotificationSender
    """Follows the causes of all types durably."""
    ownership: OwnershipFollower
    """Follows records that change hands, durably."""
    staff_table: StaffTable
    """Follows the event stream in every app process."""
    template_table: TemplateTable
    """Follows the event stream in every app process."""


def notification_services(
    ports: NotificationPorts, declared: Iterable[Notifications], staff_changed_by: Collection[type[DomainEvent]]
) -> NotificationServices:
    """`declared`: by all areas. `staff_changed_by`: the events after which members of staff or their rights differ."""
    declared = tuple(declared)
    types = NotificationTypes(each for area in declared for each in area.types)
    staff_table = StaffTable(ports.staff, staff_changed_by)
    template_table = TemplateTable(ports.templates, types)
    counts = UnreadCounts(ports.store, types)
    common = ports.publisher, ports.clock, ports.ids
    resolver = RecipientResolver(staff_table, ports.records)
    return NotificationServices(
        types=types,
        own=OwnNotifications(ports.store, types, counts, *common),
        counts=counts,
        sender=NotificationSender(types, template_table, resolver, ports.store, *common),
        ownership=OwnershipFollower((each for area in declared for each in area.ownership), ports.store, *common),
        staff_table=staff_table,
        template_table=template_table,
    )
