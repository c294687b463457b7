"""An area put together: what it serves, what it follows, what it does in the background, what it needs in the store."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from domain.shared.background import BackgroundJob
from domain.shared.event_feed import EventConsumer
from domain.shared.events import DomainEvent
from domain.shared.notifications import NO_NOTIFICATIONS, Notifications
from domain.shared.ports import DurableFollower, Subscriptions
from domain.shared.search import Searcher
from domain.shared.timeline import TimelineSource
from integrations.mongo.outbox_recovery import OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.repository import Repository
from integrations.wiring.infrastructure import Infrastructure

S = TypeVar("S")

NONE: Subscriptions = MappingProxyType({})


async def nothing() -> None:
    """For areas without indexes, and for those with nothing to close."""


@dataclass(frozen=True)
class Area(Generic[S]):
    """Built once by `wire_<area>`; nothing is entered later."""

    name: str
    services: S
    """The use cases, for routes and namespaces."""
    repositories: tuple[Repository[Any], ...] = ()
    """Of entities that are saved with their events: when an app process dies, its events are recovered from them."""
    subscriptions: Subscriptions = field(default_factory=lambda: NONE)
    """Event type → durable followers, which get the event before it leaves its outbox."""
    projections: tuple[EventConsumer, ...] = ()
    """State in memory that follows the event stream, in every app process."""
    background: tuple[BackgroundJob, ...] = ()
    notifications: Notifications = NO_NOTIFICATIONS
    """The notifications that its events give to staff."""
    searcher: Searcher | None = None
    """Finds the area's records in the search of all areas."""
    timeline: tuple[TimelineSource, ...] = ()
    """Its sources for the timeline of a customer."""
    create_indexes: Callable[[], Awaitable[None]] = nothing
    """Raises Unavailable. Doing it again changes nothing."""
    drain: Callable[[], Awaitable[None]] = nothing
    """Called when the app process begins to stop: connections are closed, the background jobs still run."""
    close: Callable[[], Awaitable[None]] = nothing
    """Called at the end of the app process, when no background job runs any more."""


def subscriptions_of(areas: Iterable[Area[Any]]) -> Subscriptions:
    """One table of all areas; the followers of an event are in the order of the areas."""
    table: dict[type[DomainEvent], tuple[DurableFollower, ...]] = {}
    for area in areas:
        for event, followers in area.subscriptions.items():
            table[event] = (*table.get(event, ()), *followers)
    return MappingProxyType(table)


def followed_by(follower: DurableFollower, *events: type[DomainEvent]) -> Mapping[type[DomainEvent], Any]:
    """A part of a subscription table: one follower of several events."""
    return dict.fromkeys(events, (follower,))


def relay_jobs(base: Infrastructure, areas: Sequence[Area[Any]]) -> tuple[BackgroundJob, ...]:
    """The jobs that relay the events of these areas. To be called once for an infrastructure."""
    repositories = [repository for area in areas for repository in area.repositories]
    relay = OutboxRelay(base.outbox, subscriptions_of(areas), base.bus, base.registry)
    recovery = OutboxRecovery(base.outbox, base.database, repositories, relay)
    return (*relay.background, *recovery.background)


def background_of(base: Infrastructure, areas: Sequence[Area[Any]]) -> tuple[BackgroundJob, ...]:
    """The jobs of these areas, and of the relay of their outboxes."""
    return (*relay_jobs(base, areas), *(job for area in areas for job in area.background))


def projections_of(areas: Iterable[Area[Any]]) -> tuple[EventConsumer, ...]:
    return tuple(projection for area in areas for projection in area.projections)
