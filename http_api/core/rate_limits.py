"""Rate classes: how often one caller may use a route. A caller is an account, or an address before log-in."""

from dataclasses import dataclass
from enum import Enum, unique


@dataclass(frozen=True, slots=True)
class Quota:
    name: str
    """Keeps two classes apart that allow the same: members of an Enum with equal values are one member."""
    limit: int
    window_seconds: int


@unique
class RateLimit(Enum):
    """Addresses are shared (an office, a carrier's NAT), so what counts per address is generous; guessing passwords has
    its own, much narrower bounds per account."""

    READ = Quota("read", 600, 60)
    WRITE = Quota("write", 120, 60)
    LOGIN = Quota("login", 600, 60)
    REGISTER = Quota("register", 300, 60)
    REFRESH = Quota("refresh", 600, 60)
    EXPORT = Quota("export", 10, 60)
    GUEST = Quota("guest", 600, 60)
    """Per address: families of one neighbourhood come from one."""
    POLL = Quota("poll", 6000, 60)
    """Pages of interviews that ask every two or three seconds, and have proved who they are."""
    CALLBACK = Quota("callback", 30_000, 60)
    """A provider reports from few addresses, and every message proves itself."""
