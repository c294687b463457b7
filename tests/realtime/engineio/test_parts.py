"""Unit tests of the engine's parts."""

import asyncio
import random
import selectors
import socket
import struct
from itertools import pairwise

import pytest

from realtime.engineio.event_loop import FairSelector
from realtime.engineio.frame_parser import FrameParser, ProtocolViolated
from realtime.engineio.frames import BINARY, CLOSE, PING, TEXT, Message, frame
from realtime.engineio.heartbeat import Heartbeat
from realtime.engineio.limits import AddressBuckets, Rate, TokenBucket
from realtime.engineio.send_queue import Replay, SendQueue
from realtime.engineio.timers import Deadlines
from realtime.engineio.wire_json import encode_json


def client_frame(opcode: int, payload: bytes, *, final: bool = True, mask: bytes = b"\x11\x22\x33\x44") -> bytes:
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        return struct.pack("!BB", first, 0x80 | len(payload)) + mask + masked
    if len(payload) < 65_536:
        return struct.pack("!BBH", first, 0xFE, len(payload)) + mask + masked
    return struct.pack("!BBQ", first, 0xFF, len(payload)) + mask + masked


@pytest.mark.parametrize("seed", range(20))
def test_frames_are_parsed_however_they_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    expected: list[tuple[int, str | bytes]] = []
    stream = b""
    for _ in range(30):
        payload = chance.randbytes(chance.choice([0, 1, 125, 126, 300, 65_535, 65_536]))
        if chance.random() < 0.3:
            text = payload.hex()[:100] + "中文"
            expected.append((TEXT, text))
            stream += client_frame(TEXT, text.encode()[:4], final=False)
            stream += client_frame(PING, b"now")
            expected.insert(len(expected) - 1, (PING, b"now"))
            stream += client_frame(0, text.encode()[4:])
        else:
            expected.append((BINARY, payload))
            stream += client_frame(BINARY, payload, mask=chance.randbytes(4))

    parser = FrameParser(100_000)
    received = []
    while stream:
        cut = chance.choice([1, 2, 5, 1000, 100_000])
        received += list(parser.feed(stream[:cut]))
        stream = stream[cut:]

    assert received == expected


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (b"\x81\x01a", 1002),  # not masked
        (b"\xc1\x81aaaa0", 1002),  # reserved bit
        (client_frame(3, b""), 1002),  # unknown opcodes
        (client_frame(11, b""), 1002),
        (client_frame(0, b"x"), 1002),  # nothing to continue
        (client_frame(TEXT, b"a", final=False) + client_frame(TEXT, b"b"), 1002),
        (client_frame(PING, b"", final=False), 1002),
        (client_frame(PING, b"x" * 126), 1002),
        (client_frame(CLOSE, b"\x03"), 1002),
        (client_frame(CLOSE, struct.pack("!H", 1005)), 1002),
        (client_frame(CLOSE, struct.pack("!H", 999)), 1002),
        (client_frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
        (client_frame(TEXT, b"\xff"), 1007),
        (client_frame(BINARY, b"x" * 1001), 1009),
        (b"\x82\xff" + b"\xff" * 8, 1009),
        (client_frame(BINARY, b"x" * 600, final=False) + client_frame(0, b"x" * 600), 1009),
        (client_frame(BINARY, b"", final=False) + client_frame(0, b"", final=False) * 1100, 1008),
    ],
)
def test_an_invalid_frame_is_refused_with_its_close_code(stream: bytes, code: int) -> None:
    with pytest.raises(ProtocolViolated) as violated:
        list(FrameParser(1000).feed(stream))

    assert violated.value.code == code


def test_server_frames_have_the_shortest_length_that_fits() -> None:
    assert frame(TEXT, b"a" * 125)[:2] == bytes((0x81, 125))
    assert frame(TEXT, b"a" * 126)[:4] == bytes((0x81, 126, 0, 126))
    assert frame(TEXT, b"a" * 65_536)[:10] == bytes((0x81, 127)) + struct.pack("!Q", 65_536)


def test_json_on_the_wire_is_compact_readable_and_strict() -> None:
    assert encode_json({"名": [1, None]}) == '{"名":[1,null]}'
    assert encode_json("\ud800") == '"\\ud800"'
    with pytest.raises(ValueError, match="JSON"):
        encode_json(float("nan"))


def message(text: str, key: str | None = None) -> Message:
    return Message((text,), key)


def test_a_send_queue_counts_bytes_and_keeps_order() -> None:
    queue = SendQueue()
    first, second = message("one"), message("two")
    queue.add(first)
    queue.add(second)
    counted = queue.bytes

    assert queue.take(1) == [first]
    assert queue.take(100) == [second]
    assert counted > 6
    assert (queue.bytes, bool(queue), queue.taken_count) == (0, False, 2)


def test_only_the_newest_value_of_a_key_stays() -> None:
    queue = SendQueue()
    kept = [message("a1", "a"), message("must"), message("b1", "b"), message("a2", "a"), message("b2", "b")]
    for one in kept:
        queue.add(one)

    assert queue.keep_newest() == 2
    assert queue.drop_superseded("b") == 1
    assert queue.take(1000) == [kept[1], kept[3]]
    assert queue.bytes == 0


def test_a_replay_in_a_send_queue_is_encoded_only_as_it_is_taken() -> None:
    made = []

    def history() -> "list[Message]":
        return [message(str(number)) for number in range(5)]

    def watched() -> "object":
        for one in history():
            made.append(one)
            yield one

    queue = SendQueue()
    queue.add(message("before"))
    queue.add_replay(Replay(watched()))  # type: ignore[arg-type]  # a generator is an iterable
    queue.add(message("after"))

    assert len(made) == 1
    assert [one.packets[0] for one in queue.take(8)] == ["before"]
    assert len(queue.take(1)) == 1
    assert len(made) == 2
    assert [one.packets[0] for one in queue.take(1000)] == ["1", "2", "3", "4", "after"]


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    rate = Rate(per_second=2, burst=3)
    bucket = TokenBucket(rate, now=0.0)

    assert [bucket.take(rate, 0.0) for _ in range(4)] == [2, 1, 0, -1]
    assert bucket.take(rate, 1.0) == 0
    assert bucket.take(rate, 100.0) == 2


def test_each_address_has_its_own_limit_and_their_number_is_bounded() -> None:
    limiter = AddressBuckets(Rate(per_second=1, burst=2), max_addresses=3)

    assert [limiter.allows("a", 0.0) for _ in range(3)] == [True, True, False]
    assert limiter.allows("b", 0.0)
    assert limiter.allows("a", 1.0)
    for address in "cdefg":
        limiter.allows(address, 1.0)
    assert len(limiter) == 3


async def test_deadlines_expire_in_order_and_not_all_in_one_iteration() -> None:
    expired: list[tuple[str, int]] = []
    deadlines = Deadlines[str](0.01, lambda item, token: expired.append((item, token)), per_iteration=2)
    for token, item in enumerate("abcde"):
        deadlines.add(item, token)
    seen: list[int] = []
    while len(expired) < 5:
        await asyncio.sleep(0)
        if not seen or seen[-1] != len(expired):
            seen.append(len(expired))

    assert expired == [("a", 0), ("b", 1), ("c", 2), ("d", 3), ("e", 4)]
    assert all(later - earlier <= 2 for earlier, later in pairwise(seen))


async def test_a_deadline_that_adds_another_does_not_lose_it() -> None:
    done = asyncio.Event()

    def again(item: int, _: int) -> None:
        if item == 3:
            done.set()
        else:
            deadlines.add(item + 1)

    deadlines = Deadlines[int](0.001, again, per_iteration=10)
    deadlines.add(0)

    await asyncio.wait_for(done.wait(), 5)
    deadlines.stop()


async def test_a_deadline_that_adds_another_or_fails_does_not_delay_earlier_ones() -> None:
    loop, expired, done = asyncio.get_running_loop(), list[int](), asyncio.Event()
    added_is_due = 0.0

    def note(item: int, _: int) -> None:
        nonlocal added_is_due
        expired.append(item)
        if item == 0:
            added_is_due = loop.time() + 1.0
            deadlines.add(100)
        if item == 1:
            raise RuntimeError("a bug of one")
        if item == 2:
            done.set()

    deadlines = Deadlines[int](1.0, note, per_iteration=1)
    loop.set_exception_handler(lambda loop, context: None)
    for item in range(3):
        deadlines.add(item)

    await asyncio.wait_for(done.wait(), 5)
    assert expired == [0, 1, 2]
    assert loop.time() < added_is_due
    deadlines.stop()


def test_a_selector_returns_many_ready_sockets_in_slices_and_skips_closed_ones() -> None:
    selector = FairSelector(per_iteration=3)
    pairs = [socket.socketpair() for _ in range(8)]
    for here, there in pairs:
        selector.register(here, selectors.EVENT_READ)
        there.send(b"x")

    first = {key.fileobj for key, _ in selector.select(1)}
    gone = next(here for here, _ in pairs if here not in first)
    selector.unregister(gone)
    second = {key.fileobj for key, _ in selector.select(1)}
    third = {key.fileobj for key, _ in selector.select(1)}

    assert len(first) == len(second) == 3
    assert first | second | third | {gone} == {here for here, _ in pairs}
    assert not first & second
    for here, there in pairs:
        here.close()
        there.close()
    selector.close()


def test_a_pong_counts_only_when_a_ping_was_written() -> None:
    heartbeat = Heartbeat()

    assert not heartbeat.pong_received()
    waiting = heartbeat.ping_queued((0, 5))
    assert not heartbeat.pong_received()
    written = heartbeat.ping_written()
    assert not heartbeat.is_due(waiting)
    assert heartbeat.is_due(written)
    assert heartbeat.pong_received()
    assert not heartbeat.pong_received()
    assert not heartbeat.is_due(written)


@pytest.mark.parametrize(
    ("progress", "is_websocket", "verdict"),
    [((0, 5), True, "slow_client"), ((0, 4), True, None), ((0, 4), False, "ping_timeout")],
)
def test_a_queued_ping_is_judged_by_the_progress_of_the_client(
    progress: tuple[int, int], is_websocket: bool, verdict: str | None
) -> None:
    heartbeat = Heartbeat()
    heartbeat.ping_queued((0, 5))

    assert heartbeat.overdue_reason(progress, is_websocket=is_websocket) == verdict
