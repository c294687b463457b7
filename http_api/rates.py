"""Rate classes: how often one caller may use a route. A caller is an account, or an address before log-in."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Allowance:
    limit: int
    window_seconds: int


class Rate(Enum):
    """Addresses are shared (an office, a carrier's NAT), so what counts per address is generous; guessing passwords has
    its own, much narrower bounds per account."""

    READ = Allowance(600, 60)
    WRITE = Allowance(120, 60)
    LOGIN = Allowance(600, 60)
    REGISTER = Allowance(300, 60)
    REFRESH = Allowance(600, 60)
    EXPORT = Allowance(10, 60)
