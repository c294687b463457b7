"""Rate limits of routes, per caller: an account, or before log-in an IP address."""

from dataclasses import dataclass
from enum import Enum, unique


@dataclass(frozen=True, slots=True)
class Quota:
    name: str
    """Distinguishes limits with equal numbers: an Enum merges members with equal values."""
    limit: int
    window_seconds: int


@unique
class RateLimit(Enum):
    """Limits per address are generous, because offices and carriers share addresses. Password guessing has its own,
    much lower limits per account (LoginThrottle)."""

    READ = Quota("read", 600, 60)
    WRITE = Quota("write", 120, 60)
    LOGIN = Quota("login", 600, 60)
    REGISTER = Quota("register", 300, 60)
    REFRESH = Quota("refresh", 600, 60)
    EXPORT = Quota("export", 10, 60)
    UPLOAD = Quota("upload", 600, 60)
    """Of files and of parts of files."""
    CONTENT = Quota("content", 3000, 60)
    """Contents of files by signed links, per address: a page may show a hundred pictures."""
    GUEST = Quota("guest", 600, 60)
    """Per address: families of one neighbourhood may share an address."""
    INQUIRY = Quota("inquiry", 20, 600)
    """Per address: a form of the website, sent without a session."""
    POLL = Quota("poll", 6000, 60)
    """Interview pages of guests with a ticket, which poll every two or three seconds."""
    CALLBACK = Quota("callback", 30_000, 60)
    """Providers send from few addresses, and each callback is signed."""
