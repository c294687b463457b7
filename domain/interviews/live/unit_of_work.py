"""Live rooms, changed one step at a time: load, act, save; again when another worker was quicker."""

from collections.abc import Callable, Sequence

from domain.interviews.errors import RoomNotFound
from domain.interviews.events import LiveRoomPushed
from domain.interviews.live import deadlines
from domain.interviews.live.room import LiveRoom, live_room
from domain.interviews.live.transition import RoomTransition
from domain.interviews.ports import InterviewRoomRepository, LiveRoomStore
from domain.interviews.record.model import EndReason
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import KeyedLocks, retry_on_conflict


class Changed(Model):
    """The room after a step; everything up to `head` on the bus is in it. `done`: what a command that was sent again
    had been answered with."""

    room: LiveRoom
    head: str
    done: str | None = None


class LiveRoomUnitOfWork:
    def __init__(self, records: InterviewRoomRepository, store: LiveRoomStore, clock: Clock, ids: IdGenerator) -> None:
        self._records = records
        self._store = store
        self._clock = clock
        self._ids = ids
        self._locks = KeyedLocks()
        self.unnoted: set[str] = set()
        """Rooms in which something happened that the record does not know yet."""

    async def change(self, room_id: str, act: Callable[[RoomTransition], None], command: str = "") -> Changed:
        """Raises what `act` raises, RoomNotFound, RoomEnded, RoomNotOpen, Unavailable."""

        async def once() -> Changed:
            stored = await self._store.load(room_id, command)
            room = stored.room
            if stored.done is not None and room is not None:
                return Changed(room=room, head=stored.head, done=stored.done)
            if room is None:
                room = await self._made(room_id)
            return await self._step(room, stored.head, act, command)

        async with self._locks.hold(room_id):
            return await retry_on_conflict(once)

    async def change_existing(self, room_id: str, act: Callable[[RoomTransition], None]) -> Changed | None:
        """As `change`, but a room that is not live is not made: None."""

        async def once() -> Changed | None:
            stored = await self._store.load(room_id)
            return None if stored.room is None else await self._step(stored.room, stored.head, act, "")

        async with self._locks.hold(room_id):
            return await retry_on_conflict(once)

    async def peek(self, room_id: str) -> LiveRoom | None:
        """Raises Unavailable."""
        return (await self._store.load(room_id)).room

    async def ensure(self, room_id: str) -> LiveRoom:
        """An active record has a live room, so that its clock runs. Raises Unavailable."""
        known = (await self._store.load(room_id)).room
        return known or (await self.change(room_id, lambda step: None)).room

    async def rooms(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        found = {room_id: await self.peek(room_id) for room_id in room_ids}
        return {room_id: room for room_id, room in found.items() if room is not None and not room.over}

    async def room_ids(self) -> Sequence[str]:
        return await self._store.room_ids()

    async def follow_end(self, room_id: str, reason: EndReason, by: str) -> None:
        await self.change_existing(room_id, lambda step: deadlines.end(step, reason, by))

    async def _step(self, room: LiveRoom, head: str, act: Callable[[RoomTransition], None], command: str) -> Changed:
        step = RoomTransition(room, self._clock.now(), self._ids.next_id)
        act(step)
        if not step.changed and not command:
            return Changed(room=room, head=head)
        after = step.result()
        events = [
            LiveRoomPushed(
                id=self._ids.next_id(),
                at=step.now,
                room_id=room.room_id,
                host_user_id=room.host_user_id,
                event=each.event,
                rooms=each.rooms,
                payload=each.payload.model_dump(mode="json", by_alias=True),
            )
            for each in step.told
        ]
        answer = step.answer.model_dump_json(by_alias=True) if step.answer else ""
        head = await self._store.save(after, room.version, events, command, answer)
        if after.facts:
            self.unnoted.add(room.room_id)
        return Changed(room=after, head=head)

    async def _made(self, room_id: str) -> LiveRoom:
        """From the record: at the beginning, and again should the store have lost it."""
        record = await self._records.find_by_room_id(room_id)
        if record is None:
            raise RoomNotFound
        record.require_active()
        now = self._clock.now()
        # Versions grow also from one making to the next: a client compares them.
        room = live_room(record, now).having(version=int(now.timestamp() * 1000))
        await self._store.save(room, 0, [])  # a conflict: another worker made it, and `change` looks again
        return room
