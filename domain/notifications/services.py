"""All use cases of the notifications area, built from their ports."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.notifications.ownership import OwnershipFollower
from domain.notifications.ports import NotificationStore, RecordDirectory, StaffDirectory, TemplateRepository
from domain.notifications.recipients import RecipientResolver, StaffTable
from domain.notifications.sender import NotificationSender
from domain.notifications.service import OwnNotifications
from domain.notifications.template_administration import TemplateAdministration
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
    templates: TemplateAdministration
    template_table: TemplateTable
    """Follows the event stream in every app process."""


def notification_services(
    ports: NotificationPorts, declared: Mapping[str, Notifications], staff_changed_by: Collection[type[DomainEvent]]
) -> NotificationServices:
    """`declared`: by each area, by its name. `staff_changed_by`: after these events, members or their rights differ."""
    types = NotificationTypes({area: notifications.types for area, notifications in declared.items()})
    rules = [rule for notifications in declared.values() for rule in notifications.ownership]
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
        ownership=OwnershipFollower(rules, ports.store, *common),
        staff_table=staff_table,
        templates=TemplateAdministration(ports.templates, template_table, types, ports.store, ports.clock, ports.ids),
        template_table=template_table,
    )
