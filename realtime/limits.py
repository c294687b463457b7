"""Every bound of the real-time engine in one place, and the token bucket that enforces a rate."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, `per_second` in the long run."""

    per_second: float
    burst: float


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
    max_addresses: int = 10_000
    """Addresses whose rate is remembered; the one seen longest ago is forgotten first."""
    max_sockets: int = 20_000


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

    def refund(self) -> None:
        self.tokens += 1.0


class AddressLimiter:
    """Connects per address; memory is bounded whatever addresses come."""

    def __init__(self, rate: Rate, max_addresses: int) -> None:
        self._rate = rate
        self._max_addresses = max_addresses
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def allows(self, address: str, now: float) -> bool:
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = TokenBucket(self._rate, now)
            if len(self._buckets) > self._max_addresses:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        if bucket.take(self._rate, now) >= 0:
            return True
        bucket.refund()  # a refused attempt does not lengthen the wait, or a retrying browser would never get in
        return False
