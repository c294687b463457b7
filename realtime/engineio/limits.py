"""Every bound of the real-time engine in one place, and the token bucket that enforces a rate."""

from collections import OrderedDict
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, `per_second` in the long run."""

    per_second: float
    burst: float

    def times(self, factor: float) -> "Rate":
        return Rate(self.per_second * factor, self.burst * factor)


@dataclass(frozen=True, slots=True)
class Limits:
    connect_seconds: float = 10.0
    """An Engine.IO connection without an admitted namespace is closed after this long."""
    admit_seconds: float = 8.0
    """How long a namespace may think about one CONNECT; shorter than `connect_seconds`, so that the refusal arrives."""
    upgrade_seconds: float = 10.0
    """From the WebSocket probe to the UPGRADE packet."""
    body_seconds: float = 10.0
    """For the body of a long-polling POST to arrive."""
    close_seconds: float = 2.0
    """A WebSocket that does not answer our close frame is cut off after this long."""

    max_message_bytes: int = 131_072
    """One inbound message, WebSocket or POST body; told to clients as `maxPayload`."""
    max_packets_per_post: int = 128
    max_attachments: int = 8
    max_pending_events: int = 32
    """Events of one client waiting for an earlier one's handler; more are refused with RATE_LIMITED."""

    soft_bytes: int = 65_536
    """More than this waits for a client: of each latest-only event only the newest is kept."""
    hard_bytes: int = 196_608
    """More than this waits for a client: it is closed as `slow_client`. No single message may be larger."""
    kernel_bytes: int = 131_072
    """What the kernel may hold beside that, its send buffer: little, so that a PING that was written is soon read."""
    write_bytes: int = 65_536
    """Handed to the kernel, or put into one long-polling answer, at a time while a client catches up."""
    sockets_per_turn: int = 250
    """Sockets written to (or deadlines handled) before other work of the event loop gets its turn."""

    connects_per_address: Rate = Rate(per_second=20.0, burst=200.0)
    messages_per_socket: Rate = Rate(per_second=50.0, burst=200.0)
    messages_per_address: Rate = Rate(per_second=1000.0, burst=4000.0)
    """All sockets of one address together: a whole office behind one router, but not a farm of sockets."""
    max_addresses: int = 10_000
    """Addresses whose rate is remembered; the one seen longest ago is forgotten first."""
    max_sockets: int = 20_000

    def with_rates_times(self, factor: float) -> "Limits":
        return replace(
            self,
            connects_per_address=self.connects_per_address.times(factor),
            messages_per_socket=self.messages_per_socket.times(factor),
            messages_per_address=self.messages_per_address.times(factor),
        )


class TokenBucket:
    __slots__ = ("stamp", "tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self.tokens = rate.burst
        self.stamp = now

    def take(self, rate: Rate, now: float, cost: float = 1.0) -> float:
        """Take tokens and return what is left: negative means over the rate, the more the longer it goes on."""
        refilled = self.tokens + (now - self.stamp) * rate.per_second
        self.stamp = now
        self.tokens = min(refilled, rate.burst) - cost
        return self.tokens

    def refund(self, cost: float = 1.0) -> None:
        self.tokens += cost


class AddressBuckets:
    """A bucket an address; memory is bounded whatever addresses come."""

    def __init__(self, rate: Rate, max_addresses: int) -> None:
        self.rate = rate
        self._max_addresses = max_addresses
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, address: str, now: float) -> TokenBucket:
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = TokenBucket(self.rate, now)
            if len(self._buckets) > self._max_addresses:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        return bucket

    def allows(self, address: str, now: float) -> bool:
        """Take one token, if there is one. A refused attempt does not lengthen the wait, or a browser that tries again
        would never get in."""
        bucket = self.of(address, now)
        if bucket.take(self.rate, now) >= 0:
            return True
        bucket.refund()
        return False
