"""All limits of the real-time server, and the token buckets that enforce rates."""

from collections import OrderedDict
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once and `per_second` in the long run."""

    per_second: float
    burst: float

    def scaled(self, factor: float) -> "Rate":
        return Rate(self.per_second * factor, self.burst * factor)


@dataclass(frozen=True, slots=True)
class Limits:
    connect_seconds: float = 10.0
    """An Engine.IO connection that has entered no namespace is closed after this time."""
    admit_seconds: float = 8.0
    """A namespace must decide on a CONNECT within this time; less than `connect_seconds`, so that a refusal arrives."""
    upgrade_seconds: float = 10.0
    """From the WebSocket probe to the UPGRADE packet."""
    body_seconds: float = 10.0
    """For the body of a long-polling POST to arrive."""
    close_seconds: float = 2.0
    """A WebSocket that does not answer a close frame is aborted after this time."""

    max_message_bytes: int = 131_072
    """One message of a client, as a WebSocket message or as a POST body; clients are told it as `maxPayload`."""
    max_packets_per_post: int = 128
    max_attachments: int = 8
    max_pending_events: int = 32
    """Events of one client that wait for the handler of an earlier one; more are refused with RATE_LIMITED."""

    soft_bytes: int = 65_536
    """When more than this is queued for a client, only the newest of each latest-only event is kept."""
    hard_bytes: int = 196_608
    """When more than this is queued for a client, it is closed as `slow_client`. No single message may be larger."""
    kernel_bytes: int = 131_072
    """The send buffer of the kernel, in addition: small, so that a PING that was written is soon read."""
    write_bytes: int = 65_536
    """Written to the kernel, or put into one long-polling answer, at a time while a client catches up."""
    sockets_per_iteration: int = 250
    """Sockets written to (or deadlines handled) before the event loop does other work."""

    connects_per_address: Rate = Rate(per_second=20.0, burst=200.0)
    messages_per_socket: Rate = Rate(per_second=50.0, burst=200.0)
    messages_per_address: Rate = Rate(per_second=1000.0, burst=4000.0)
    """All sockets of one address together: enough for an office behind one router, not for a farm of sockets."""
    max_addresses: int = 10_000
    """Addresses whose rate is kept; the least recently seen is dropped first."""
    max_sockets: int = 20_000

    def with_rates_scaled(self, factor: float) -> "Limits":
        return replace(
            self,
            connects_per_address=self.connects_per_address.scaled(factor),
            messages_per_socket=self.messages_per_socket.scaled(factor),
            messages_per_address=self.messages_per_address.scaled(factor),
        )


class TokenBucket:
    __slots__ = ("tokens", "updated_at")

    def __init__(self, rate: Rate, now: float) -> None:
        self.tokens = rate.burst
        self.updated_at = now

    def take(self, rate: Rate, now: float, cost: float = 1.0) -> float:
        """Takes tokens and returns the rest. A negative rest means over the rate, the lower the longer it lasts."""
        refilled = self.tokens + (now - self.updated_at) * rate.per_second
        self.updated_at = now
        self.tokens = min(refilled, rate.burst) - cost
        return self.tokens

    def refund(self, cost: float = 1.0) -> None:
        self.tokens += cost


class AddressBuckets:
    """A token bucket for each client address; memory is bounded by `max_addresses`."""

    def __init__(self, rate: Rate, max_addresses: int) -> None:
        self.rate = rate
        self._max_addresses = max_addresses
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def bucket_of(self, address: str, now: float) -> TokenBucket:
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = TokenBucket(self.rate, now)
            if len(self._buckets) > self._max_addresses:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        return bucket

    def allows(self, address: str, now: float) -> bool:
        """Takes one token if there is one. A refused attempt takes none: otherwise a browser that keeps trying would
        never connect again."""
        bucket = self.bucket_of(address, now)
        if bucket.take(self.rate, now) >= 0:
            return True
        bucket.refund()
        return False
