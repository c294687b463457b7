"""The counted try (`LoginTry`) of a log-in with a password: its account, its address, and its device if known."""

from datetime import datetime
from typing import Protocol

from domain.sessions.model import Sessions, began_at
from domain.shared.known_devices import KnownDevices
from domain.shared.login_throttle import LoginTry


class Account(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def sessions(self) -> Sessions: ...


def login_try(
    name: str, account: Account | None, address: str, devices: KnownDevices, presented: str, now: datetime
) -> LoginTry:
    """`account`: the one with this name, if there is one. `presented`: the tokens that the device has kept."""
    if account is None:
        return LoginTry(account=name.lower(), address=address)
    return LoginTry(
        account=account.id,
        address=address,
        device=devices.recognise(account.id, presented),
        at_home=began_at(account.sessions, address, now),
    )
