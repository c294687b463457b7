"""Fan-out: encodes an event once and stages it for all its receivers; the write batch writes it."""

import time
from collections.abc import Iterable, Sequence
from functools import cache

from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.write_batch import WriteBatch
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import Delivery, encode_deliveries


class Fanout:
    def __init__(self, rooms: ClientManager, batch: WriteBatch, metrics: RealtimeMetrics) -> None:
        self._rooms = rooms
        self._batch = batch
        self._metrics = metrics
        # Looking labels up costs more than counting.
        self._deliveries, self._bytes = cache(metrics.deliveries.labels), cache(metrics.bytes.labels)

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """The receivers are determined now; the writes follow at the end of this and, to many, of the next iterations.

        Every socket receives its events in the order of calls, and in order with other messages sent to it.
        """
        dated: list[float] = []
        wanted = (each for each in deliveries if self._rooms.has_receivers(each.namespace, each.rooms))
        for delivery, message in encode_deliveries(wanted):
            receivers = self._rooms.receivers(delivery.namespace, delivery.rooms)
            self._batch.stage(message, receivers)
            self._deliveries(delivery.namespace).inc(len(receivers))
            self._bytes(delivery.namespace).inc(len(message.wire) * len(receivers))
            if delivery.at is not None:
                dated.append(delivery.at)
        if dated:
            self._batch.when_written(lambda: self._observe(dated))

    def _observe(self, dated: Iterable[float]) -> None:
        now = time.time()
        for at in dated:
            self._metrics.event_age.observe(max(0.0, now - at))
