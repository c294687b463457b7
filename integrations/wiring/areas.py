"""The list of all areas. Everything that depends on all of them is computed from it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.services import Services
from domain.shared.errors import DomainError
from integrations.mongo.layout import convert_layout
from integrations.settings import Settings
from integrations.settings.groups import revealed
from integrations.wiring.area import Area
from integrations.wiring.audit import wire_audit
from integrations.wiring.contracts import ContractStores, wire_contracts
from integrations.wiring.customers import wire_customers
from integrations.wiring.files import FileAreaSettings, wire_files
from integrations.wiring.inbox import wire_inbox
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.interviews import configured_interview_ports, media_mode, wire_interviews
from integrations.wiring.media import wire_media
from integrations.wiring.monitoring import wire_monitoring
from integrations.wiring.notifications import wire_notifications
from integrations.wiring.presence import wire_presence
from integrations.wiring.search import wire_search
from integrations.wiring.staff import staff_wechat, wire_staff
from integrations.wiring.statistics import wire_statistics
from integrations.wiring.tasks import wire_tasks
from integrations.wiring.timeline import wire_timeline
from integrations.wiring.users import wire_users

Replaced = Mapping[str, Any]
NONE: Replaced = MappingProxyType({})


@dataclass(frozen=True)
class Areas:
    database: "AsyncIOMotorDatabase[dict[str, Any]]"
    services: Services
    all: Sequence[Area[Any]]

    async def prepare_stores(self) -> None:
        """Creates indexes and converts documents of earlier versions. Raises Unavailable. Idempotent."""
        for area in self.all:
            await area.create_indexes()
            for repository in area.repositories:
                await convert_layout(self.database, repository)

    async def drain(self) -> None:
        """Call it when all connections are closed and the background jobs still run."""
        for area in self.all:
            with suppress(DomainError):  # a store is down: other processes notice that this one is gone
                await area.drain()

    async def close(self) -> None:
        """Call it when no background job runs any more."""
        for area in self.all:
            await area.close()


def file_settings(settings: Settings) -> FileAreaSettings:
    return FileAreaSettings(settings.files, settings.cos, settings.ocr, settings.tokens.keys)


def wire_areas(
    base: Infrastructure,
    settings: Settings,
    *,
    users: Replaced = NONE,
    contracts: Replaced = NONE,
    customers: Replaced = NONE,
    tasks: Replaced = NONE,
) -> Areas:
    """`users`, `contracts`, `customers`, `tasks`: arguments of the area's builder that replace the usual ones, for
    tests.

    Raises SettingsRefused when an area lacks a setting.
    """
    statistics = wire_statistics(base, settings.stores.login_log_days)
    rooms = configured_interview_ports(base, settings.tokens, settings.interviews, settings.zego, settings.calls)
    interviews = wire_interviews(base, rooms, media_mode(settings.zego))
    staff = wire_staff(base, staff_wechat(base, settings.staff_miniprogram, settings.wechat.api_base))
    user_area = wire_users(
        base,
        settings.wechat,
        trusts_openid=settings.trusts_openid,
        digest_key=revealed(settings.tokens.jwt_secret),
        figures_changed=statistics.services.publisher.changed,
        **users,
    )
    contract_area = wire_contracts(base, settings.esign, **contracts)
    customer_area = wire_customers(
        base, ContractStores.of(base).contracts, contract_area.services.customer_link, settings.office, **customers
    )
    areas: tuple[Area[Any], ...] = (
        wire_audit(base),
        staff,
        statistics,
        user_area,
        wire_inbox(base),
        wire_presence(base),
        contract_area,
        customer_area,
        interviews,
        wire_media(base, settings.zego, rooms, interviews.services),
        wire_files(base, file_settings(settings), staff.services, user_area.services),
        wire_monitoring(base, settings.logs),
        wire_tasks(base, **tasks),
    )
    areas = (
        *areas,
        wire_search(areas),
        wire_timeline(areas, customer_area.services.queries),
        wire_notifications(base, areas, staff.services),
    )
    services = Services(**{area.name: area.services for area in areas if area.services is not None})
    return Areas(base.database, services, areas)
