"""Keeps the board of an app process up to date: from the store at the start, then from every event of the stream."""

from collections.abc import Sequence
from typing import Final

from domain.contracts.board.board import ContractBoard
from domain.contracts.events import ContractEvent
from domain.contracts.ports import ContractLookups
from domain.shared.background import BackgroundJob, Every
from domain.shared.events import StreamEntry, StreamState
from domain.shared.signal import Signal

RELOAD_SECONDS: Final = 600.0
"""How often the board is read from the store again, in case an event was lost."""


class BoardProjection:
    """A consumer of the event feed. Lists, counts and snapshots read its board."""

    def __init__(self, board: ContractBoard, lookups: ContractLookups) -> None:
        self.board = board
        self._lookups = lookups
        self._reload = Signal()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("contracts-board", Every(RELOAD_SECONDS, wake=self._reload), self.load),)

    async def require_loaded(self) -> None:
        """Raises Unavailable while the board has never been read from the store."""
        if not self.board.loaded:
            await self.load()

    async def load(self) -> None:
        """Read all cards from the store. Newer cards that events brought meanwhile stay. Raises Unavailable."""
        self.board.load([card async for card in self._lookups.cards()])

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        for entry in entries:
            if isinstance(entry.event, ContractEvent):
                self.board.apply(entry.event.card)

    def history_lost(self, state: StreamState) -> None:
        self._reload.set()
