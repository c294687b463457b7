"""The staff area: accounts, sessions and rights of the people who work here."""

from domain.staff.events import StaffAccessChanged
from domain.staff.login_log import StaffLoginRecorded
from domain.staff.notification_types import NOTIFICATIONS
from domain.staff.searcher import StaffSearcher
from domain.staff.services import StaffPorts, StaffServices, staff_services
from domain.staff.wechat_login import StaffIdentityProvider
from integrations.mongo.staff import (
    MongoDepartmentRepository,
    MongoRoleRepository,
    MongoStaffCredentials,
    MongoStaffRepository,
)
from integrations.mongo.staff_login_log import MongoStaffLoginLog
from integrations.redis.authority import RedisAuthorityCache
from integrations.settings.groups import StaffMiniprogramSettings, revealed
from integrations.wechat.client import wechat_client
from integrations.wechat.staff_identities import StaffWeChat
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def staff_repository(base: Infrastructure) -> MongoStaffRepository:
    # Without the write gate: staff may sign in to see what is wrong, and there is a reserve for that.
    return MongoStaffRepository(base.database, base.outbox)


def role_repository(base: Infrastructure) -> MongoRoleRepository:
    return MongoRoleRepository(base.database, base.outbox)


def staff_wechat(base: Infrastructure, settings: StaffMiniprogramSettings, api_base: str) -> StaffWeChat:
    if not settings.appid:
        return StaffWeChat(None)
    secret, observe = revealed(settings.appsecret), base.observe_provider("wechat-staff")
    return StaffWeChat(wechat_client(base.http, base.redis, base.clock, api_base, settings.appid, secret, observe))


def wire_staff(base: Infrastructure, wechat: StaffIdentityProvider | None = None) -> Area[StaffServices]:
    """`wechat`: for the staff mini-program; None where it is not served."""
    repository, roles = staff_repository(base), role_repository(base)
    departments = MongoDepartmentRepository(base.database, base.outbox)
    logins = MongoStaffLoginLog(base.database)
    services = staff_services(
        StaffPorts(
            staff=repository,
            roles=roles,
            departments=departments,
            logins=logins,
            publisher=base.bus,
            wechat=wechat or StaffWeChat(None),
            credentials=MongoStaffCredentials(base.database),
            authorities=RedisAuthorityCache(base.redis),
            hasher=base.staff_hasher,
            tokens=base.tokens,
            tries=base.tries,
            device_signer=base.device_signer,
            clock=base.clock,
            ids=base.ids,
        )
    )

    async def prepare() -> None:
        await repository.create_indexes()
        await roles.create_indexes()
        await departments.create_indexes()
        await logins.create_indexes()
        await services.roles.seed()
        await services.former_departments.convert()

    return Area(
        name="staff",
        services=services,
        repositories=(repository, roles, departments),
        projections=(services.role_table, services.department_table),
        subscriptions={StaffAccessChanged: (services.access,), StaffLoginRecorded: (logins,)},
        searcher=StaffSearcher(repository),
        notifications=NOTIFICATIONS,
        create_indexes=prepare,
    )
