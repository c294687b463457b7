"""The users area: mini-program users, their log-ins, and the login log that the statistics are counted from."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.users.administration.searcher import UserSearcher
from domain.users.events import UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged
from domain.users.notification_types import NOTIFICATIONS
from domain.users.ports import LoginJournal, RegionFinder
from domain.users.services import UserPorts, UserServices, user_services
from integrations.geo.regions import Ip2RegionFinder
from integrations.metrics import LoginAttemptCounter
from integrations.mongo.staff import MongoStaffDirectory
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.mongo.users.listing import MongoUserList
from integrations.mongo.users.users import MongoUserCredentials, MongoUserRepository
from integrations.redis.live_counters import RedisLiveCounters
from integrations.settings import WeChatSettings
from integrations.settings.groups import revealed
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wechat.client import WeChatClient, wechat_client
from integrations.wiring.area import Area, followed_by
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import staff_repository


def user_repository(base: Infrastructure) -> MongoUserRepository:
    return MongoUserRepository(base.database, base.outbox, base.write_gate)


def login_journal(
    base: Infrastructure,
    changed: Callable[[], None] = lambda: None,
    attempted: Callable[[str, str, str], None] = lambda method, result, reason: None,
) -> MongoLoginJournal:
    """`changed` and `attempted` are those of the journal."""
    registry, store = WriterRegistry(base.database), StatisticsStore(base.database, RedisLiveCounters(base.redis))
    return MongoLoginJournal(base.database, registry, store, base.clock, base.ids, changed, attempted, base.write_gate)


def user_ports(
    base: Infrastructure,
    settings: WeChatSettings,
    users: MongoUserRepository,
    journal: LoginJournal,
    regions: RegionFinder,
) -> UserPorts:
    return UserPorts(
        users=users,
        listing=MongoUserList(users),
        credentials=MongoUserCredentials(base.database, base.write_gate),
        journal=journal,
        audit=base.audit,
        provider=_wechat(base, settings),
        regions=regions,
        staff=MongoStaffDirectory(staff_repository(base)),
        hasher=base.user_hasher,
        tokens=base.tokens,
        tries=base.tries,
        device_signer=base.device_signer,
        spreadsheets=XlsxSpreadsheets(),
        clock=base.clock,
        ids=base.ids,
    )


def wire_users(
    base: Infrastructure,
    settings: WeChatSettings,
    *,
    trusts_openid: bool,
    digest_key: str,
    figures_changed: Callable[[], None],
    **replaced: Any,
) -> Area[UserServices]:
    """`trusts_openid`: a bare openid or phone counts as proof. `digest_key` keys the digests of deleted accounts.
    `replaced` are ports that take the place of the usual ones."""
    journal = login_journal(base, changed=figures_changed, attempted=LoginAttemptCounter(base.registry))
    regions = Ip2RegionFinder()
    users = user_repository(base)
    ports = replace(user_ports(base, settings, users, journal, regions), **replaced)

    services = user_services(ports, accept_unverified=trusts_openid, digest_key=digest_key)

    async def create_all_indexes() -> None:
        await users.create_indexes()
        await journal.create_indexes()

    async def close() -> None:
        await users.close()
        await journal.end()
        regions.close()

    return Area(
        name="users",
        services=services,
        repositories=(users,),
        subscriptions=followed_by(journal, UserActive, UserPhoneChanged, UserRegionChanged, UserDeleted),
        notifications=NOTIFICATIONS,
        background=(*journal.background, *users.search.background),
        searcher=UserSearcher(services.administration),
        create_indexes=create_all_indexes,
        close=close,
    )


def _wechat(base: Infrastructure, settings: WeChatSettings) -> WeChatClient:
    return wechat_client(
        base.http,
        base.redis,
        base.clock,
        settings.api_base,
        settings.miniprogram_appid,
        revealed(settings.miniprogram_appsecret),
        base.observe_provider("wechat"),
    )
