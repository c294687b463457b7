"""The statistics area: figures of mini-program users, read from roll-ups and pushed when they change."""

from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from domain.statistics.services import StatisticsServices
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.retention import LoginLogRetention
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.redis.live_counters import RedisLiveCounters
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.push_slots import RedisPushSlots
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_statistics(base: Infrastructure, login_log_days: int) -> Area[StatisticsServices]:
    """`login_log_days`: how long rows of the login log are kept."""
    figures = StatisticsStore(base.database, RedisLiveCounters(base.redis))
    slots = RedisPushSlots(base.redis)
    service = StatisticsService(figures, RedisPresenceStore(base.redis), slots, base.clock)
    publisher = StatisticsPublisher(service, slots, base.bus, base.clock, base.ids)
    writers = WriterRegistry(base.database)
    maintenance = StatisticsMaintenance(base.database, writers, base.clock, publisher.changed)
    retention = LoginLogRetention(base.database, writers, base.clock, login_log_days)

    async def create_indexes() -> None:
        await figures.create_indexes()
        await retention.create_indexes()

    return Area(
        name="statistics",
        services=StatisticsServices(service, publisher),
        background=(*publisher.background, *maintenance.background, *retention.background),
        create_indexes=create_indexes,
    )
