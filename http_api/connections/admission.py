"""Accepts connections up to a number in all and per address. The others are closed at once, without a log line each."""

import errno
import os
import socket
import time
from collections import Counter
from typing import Any, Final

from domain.shared.ip_addresses import is_within, rate_limit_key
from http_api.connections.limits import ConnectionLimits

_REFUSED_AT_ONCE: Final = 64
"""Then the event loop gets a turn."""
_ASYNCIO_PAUSE_SECONDS: Final = 1.0
"""For which asyncio stops accepting after an error that it takes for a lack of descriptors."""


class Admission:
    """Counts the open connections of an app process, WebSockets included."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.open = 0
        self.refused: Counter[str] = Counter()
        """By reason, since the server last counted and emptied it."""
        self._limits = limits
        self._by_address: dict[str, int] = {}

    def admits(self, address: str, key: str) -> bool:
        """`key`: of the address, as limits count it. Counts a refusal."""
        if self.open >= self._limits.in_all:
            self.refused["total"] += 1
            return False
        if self._by_address.get(key, 0) >= self._limits.per_address and not self.is_unlimited(address):
            self.refused["address"] += 1
            return False
        return True

    def is_unlimited(self, address: str) -> bool:
        networks = self._limits.unlimited_networks
        return is_within(address, networks) or is_within(rate_limit_key(address), networks)

    def enter(self, key: str) -> None:
        self.open += 1
        self._by_address[key] = self._by_address.get(key, 0) + 1

    def leave(self, key: str) -> None:
        self.open -= 1
        left = self._by_address[key] - 1
        if left:
            self._by_address[key] = left
        else:
            del self._by_address[key]


class AdmittedSocket(socket.socket):
    """Counts until it is closed: by aiohttp, or by the real-time edge that took the connection over."""

    __slots__ = ("_admission", "_key")

    def __init__(self, accepted: socket.socket, admission: Admission, key: str) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._admission: Admission | None = admission
        self._key = key
        admission.enter(key)

    def close(self) -> None:
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.leave(self._key)
        super().close()


class ListeningSocket(socket.socket):
    """`accept`, which asyncio calls until nothing is waiting, returns admitted connections only."""

    def __init__(self, host: str, port: int, admission: Admission) -> None:
        """Raises OSError if the address cannot be bound."""
        super().__init__(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._admission = admission
        self._spare = _spare_descriptor()
        self._paused_until = 0.0
        try:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self.bind((host, port))
        except OSError:
            self.close()
            raise

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises BlockingIOError when no connection is waiting, or after many refusals in a row."""
        if time.monotonic() < self._paused_until:
            raise BlockingIOError
        for _ in range(_REFUSED_AT_ONCE):
            try:
                accepted, peer = super().accept()
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                self._refuse_without_descriptor()
                continue
            key = rate_limit_key(peer[0])
            if self._admission.admits(peer[0], key):
                return AdmittedSocket(accepted, self._admission, key), peer
            accepted.close()
        raise BlockingIOError

    def close(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None
        super().close()

    def _refuse_without_descriptor(self) -> None:
        """No descriptor is left: uses the spare one to take a waiting connection and close it. Otherwise the kernel
        would report it again and again, and newcomers would hang instead of failing."""
        try:
            if self._spare is not None:
                os.close(self._spare)
                self._spare = None
            super().accept()[0].close()
            self._admission.refused["descriptors"] += 1
        except BlockingIOError:
            raise
        except OSError:
            # The spare one went to another thread. asyncio logs the error and pauses; it would go on with this batch.
            self._paused_until = time.monotonic() + _ASYNCIO_PAUSE_SECONDS * 0.9
            raise
        finally:
            self._spare = _spare_descriptor()


def _spare_descriptor() -> int | None:
    try:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
