"""The event feed: every consumer sees every entry, in order, whatever the stream does."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from domain.shared.event_feed import EventFeed
from domain.shared.events import StreamEntry, StreamState
from domain.shared.ports import EventStream
from domain.users.events import UserChanged


def entry(number: int) -> StreamEntry:
    event = UserChanged(id=f"{number:024x}", at=datetime.now(UTC), user_id="a" * 24, change="updated", version=number)
    return StreamEntry(offset=f"{number}-0", event=event)


class Script(EventStream):
    """Holds `past`, then gives `batches`; each `follow` begins behind the offset that it is asked for."""

    def __init__(self, past: Sequence[StreamEntry], *batches: Sequence[StreamEntry] | StreamState | Exception) -> None:
        self._past = past
        self._batches = list(batches)
        self.asked: list[str] = []
        self.over = asyncio.Event()

    async def state(self) -> StreamState:
        head = self._past[-1].offset if self._past else "0-0"
        return StreamState(epoch="one", head=head, complete_after="0-0")

    async def history(self, after: str, until: str) -> Sequence[StreamEntry]:
        return self._past

    async def follow(self, after: str) -> AsyncIterator[Sequence[StreamEntry] | StreamState]:
        self.asked.append(after)
        while self._batches:
            batch = self._batches.pop(0)
            if isinstance(batch, Exception):
                raise batch
            yield batch
        self.over.set()
        await asyncio.Event().wait()


class Notes:
    def __init__(self, fails_at: int = -1) -> None:
        self.past: list[str] = []
        self.taken: list[str] = []
        self.lost: list[str] = []
        self._fails_at = fails_at

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.past = [each.offset for each in past]

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if self._fails_at == len(self.taken):
            self._fails_at = -1
            raise ValueError("a consumer's bug")
        self.taken += [each.offset for each in entries]

    def history_lost(self, state: StreamState) -> None:
        self.lost.append(state.epoch)


async def read(stream: Script, *consumers: Notes) -> EventFeed:
    feed = EventFeed(stream, consumers)
    running = asyncio.create_task(feed.run())
    async with asyncio.timeout(5):
        await feed.until_started()
        await stream.over.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return feed


async def test_consumers_get_the_past_first_and_then_every_batch() -> None:
    one, other = Notes(), Notes()
    stream = Script([entry(1), entry(2)], [entry(3)], [entry(4), entry(5)])

    feed = await read(stream, one, other)

    assert feed.started
    assert one.past == other.past == ["1-0", "2-0"]
    assert one.taken == other.taken == ["3-0", "4-0", "5-0"]
    assert stream.asked == ["2-0"]


async def test_after_an_error_the_feed_goes_on_behind_the_last_entry_that_all_took() -> None:
    notes = Notes()
    stream = Script([], [entry(1)], ValueError("the driver failed"), [entry(2)])

    await read(stream, notes)

    assert notes.taken == ["1-0", "2-0"]
    assert stream.asked == ["0-0", "1-0"]


async def test_a_consumer_that_fails_is_given_the_entries_again() -> None:
    notes = Notes(fails_at=1)
    stream = Script([], [entry(1)], [entry(2)], [entry(2)])

    await read(stream, notes)

    assert notes.taken == ["1-0", "2-0"]
    assert stream.asked == ["0-0", "1-0"]


async def test_consumers_hear_of_a_stream_that_lost_its_memory() -> None:
    notes = Notes()
    lost = StreamState(epoch="two", head="1-0", complete_after="0-0")

    await read(Script([entry(1), entry(2)], lost, [entry(3)]), notes)

    assert notes.lost == ["two"]
    assert notes.taken == ["3-0"]
