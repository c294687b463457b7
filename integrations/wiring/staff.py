"""The staff area: accounts, sessions and rights of the people who work here."""

from domain.staff.events import StaffAccessChanged
from domain.staff.services import StaffPorts, StaffServices, staff_services
from integrations.mongo.staff import MongoStaffCredentials, MongoStaffRepository
from integrations.redis.authority import RedisAuthorityCache
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def staff_repository(base: Infrastructure) -> MongoStaffRepository:
    # Without the write gate: staff may sign in to see what is wrong, and there is a reserve for that.
    return MongoStaffRepository(base.database, base.outbox)


def wire_staff(base: Infrastructure) -> Area[StaffServices]:
    repository = staff_repository(base)
    services = staff_services(
        StaffPorts(
            staff=repository,
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
    return Area(
        name="staff",
        services=services,
        repositories=(repository,),
        subscriptions={StaffAccessChanged: (services.access,)},
        create_indexes=repository.create_indexes,
    )
