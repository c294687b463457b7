"""The statistics area: figures of mini-program users, read from roll-ups and pushed when they change."""

from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from domain.statistics.services import StatisticsServices
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.push_slots import RedisPushSlots
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_statistics(base: Infrastructure) -> Area[StatisticsServices]:
    figures, slots = StatisticsStore(base.database), RedisPushSlots(base.redis)
    service = StatisticsService(figures, RedisPresenceStore(base.redis), slots, base.clock)
    publisher = StatisticsPublisher(service, slots, base.bus, base.clock, base.ids)
    maintenance = StatisticsMaintenance(base.database, WriterRegistry(base.database), base.clock, publisher.changed)
    return Area(
        name="statistics",
        services=StatisticsServices(service, publisher),
        background=(*publisher.background, *maintenance.background),
        create_indexes=figures.create_indexes,
    )
