"""Side effects of contracts as the event stream shows them."""

from collections.abc import Sequence

from domain.contracts.events import ContractSideEffect
from domain.shared.events import STREAM_START, StreamEntry, StreamState, parse_offset
from integrations.redis.bus import StreamBus
from tests.waiting import eventually


async def side_effects_of(bus: StreamBus, contract_id: str) -> list[ContractSideEffect]:
    """All side effects of this contract that the stream holds now, in stream order."""
    return [
        effect for effect in _side_effects(await bus.history(STREAM_START, "+")) if effect.contract_id == contract_id
    ]


class SideEffectRecorder:
    """Records the key of every side effect on the stream, also of those that the stream has trimmed since."""

    def __init__(self, bus: StreamBus) -> None:
        self._bus = bus
        self._position = STREAM_START
        self.keys: list[str] = []

    async def run(self) -> None:
        """Follow the stream from its start until cancelled."""
        async for batch in self._bus.follow(STREAM_START):
            if isinstance(batch, StreamState):
                continue
            self.keys += [effect.key for effect in _side_effects(batch)]
            self._position = batch[-1].offset

    async def caught_up(self) -> None:
        """Return once everything that the stream holds at the time of the call is recorded."""
        head = (await self._bus.state()).head
        await eventually(lambda: parse_offset(self._position) >= parse_offset(head))


def _side_effects(entries: Sequence[StreamEntry]) -> list[ContractSideEffect]:
    return [entry.event for entry in entries if isinstance(entry.event, ContractSideEffect)]
