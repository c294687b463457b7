"""Unit of work of live rooms: load, apply a transition, save with its pushes; retried on a conflict."""

from collections.abc import Callable, Sequence

from domain.interviews.errors import RoomNotFound
from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.room import LiveRoom, live_room_of
from domain.interviews.live.rules.deadlines import end_room
from domain.interviews.live.transition import RoomTransition
from domain.interviews.ports import InterviewRoomRepository, LiveRoomStore
from domain.interviews.record.model import EndReason
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import KeyedLocks, retry_on_conflict

Rule = Callable[[RoomTransition], None]


class RoomChange(Model):
    """The room after a transition. It contains every change up to `head`, an offset of the event stream."""

    room: LiveRoom
    head: str
    command_result: str | None = None
    """The stored result of a command that had been executed before."""


class LiveRoomUnitOfWork:
    def __init__(self, records: InterviewRoomRepository, store: LiveRoomStore, clock: Clock, ids: IdGenerator) -> None:
        self._records = records
        self._store = store
        self._clock = clock
        self._ids = ids
        self._locks = KeyedLocks()
        self.with_unrecorded: set[str] = set()
        """Ids of rooms that this process changed and that have entries which are not in the record yet."""

    async def change(self, room_id: str, rule: Rule, command: str = "") -> RoomChange:
        """Applies `rule` to the live room, which is created from its active record if it is missing. `command` is an
        idempotency key. Raises what `rule` raises, RoomNotFound, RoomEnded, RoomNotOpen, Unavailable."""

        async def once() -> RoomChange:
            stored = await self._store.load(room_id, command)
            room = stored.room
            if stored.command_result is not None and room is not None:
                return RoomChange(room=room, head=stored.head, command_result=stored.command_result)
            if room is None:
                room = await self._create(room_id)
            return await self._apply(room, stored.head, rule, command)

        async with self._locks.hold(room_id):
            return await retry_on_conflict(once)

    async def change_existing(self, room_id: str, rule: Rule) -> RoomChange | None:
        """As `change`, but a missing live room is not created: returns None."""

        async def once() -> RoomChange | None:
            stored = await self._store.load(room_id)
            return None if stored.room is None else await self._apply(stored.room, stored.head, rule, "")

        async with self._locks.hold(room_id):
            return await retry_on_conflict(once)

    async def peek(self, room_id: str) -> LiveRoom | None:
        """Raises Unavailable."""
        return (await self._store.load(room_id)).room

    async def ensure(self, room_id: str) -> LiveRoom:
        """Creates the live room of an active record if it is missing, so that its deadlines run. Raises Unavailable."""
        room = (await self._store.load(room_id)).room
        return room or (await self.change(room_id, lambda transition: None)).room

    async def rooms(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        found = {room_id: await self.peek(room_id) for room_id in room_ids}
        return {room_id: room for room_id, room in found.items() if room is not None and not room.ended}

    async def room_ids(self) -> Sequence[str]:
        return await self._store.room_ids()

    async def follow_end(self, room_id: str, reason: EndReason, by: str) -> None:
        await self.change_existing(room_id, lambda transition: end_room(transition, reason, by))

    async def _apply(self, room: LiveRoom, head: str, rule: Rule, command: str) -> RoomChange:
        transition = RoomTransition(room, self._clock.now(), self._ids.next_id)
        rule(transition)
        if not transition.changed and not command:
            return RoomChange(room=room, head=head)
        after = transition.changed_room()
        events = [
            LiveRoomPushed(
                id=self._ids.next_id(),
                at=transition.now,
                room_id=room.room_id,
                host_user_id=room.host_user_id,
                event=push.event,
                rooms=push.rooms,
                payload=push.payload.model_dump(mode="json", by_alias=True),
            )
            for push in transition.pushes
        ]
        result = transition.result.model_dump_json(by_alias=True) if transition.result else ""
        head = await self._store.save(after, room.version, events, command, result)
        if after.unrecorded:
            self.with_unrecorded.add(room.room_id)
        return RoomChange(room=after, head=head)

    async def _create(self, room_id: str) -> LiveRoom:
        """From the record: when the interview opens, and again if the store has lost the room."""
        record = await self._records.find_by_room_id(room_id)
        if record is None:
            raise RoomNotFound
        record.require_active()
        now = self._clock.now()
        # Clients compare versions, so a room that is created again must have a higher one.
        room = live_room_of(record, now).with_changes(version=int(now.timestamp() * 1000))
        await self._store.save(room, 0, [])  # a conflict means that another process created it: `change` loads again
        return room
