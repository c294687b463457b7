"""Finds a free port, and reserves the one that the app processes share."""

import contextlib
import errno
import socket
from pathlib import Path

from integrations.local.errors import CannotStart

_LISTENS = "0A"


class PortUnavailable(CannotStart):
    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == errno.EADDRINUSE:
            owner = _listener(port)
            super().__init__(
                f"端口 {port} 正被 {owner or '另一个程序'} 使用，请用 --port 换一个。",
                f"port {port} is in use by {owner or 'another program'}; use --port",
            )
        elif error.errno == errno.EACCES:
            super().__init__(
                f"没有权限监听端口 {port}，请用 --port 换一个（1024 以上）。",
                f"this user may not listen on port {port}; use --port with one above 1024",
            )
        else:
            super().__init__(
                f"无法监听 {host}:{port}（{error.strerror}），请检查 --host。",
                f"cannot listen on {host}:{port} ({error.strerror}); check --host",
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reserve_port(host: str, port: int) -> tuple[int, socket.socket]:
    """The port, and a socket bound to it that does not listen: app processes join it by SO_REUSEPORT.

    Raises PortUnavailable.
    """
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        with socket.socket(holder.family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))  # without SO_REUSEPORT: the listener of another program is an error here
            chosen = int(probe.getsockname()[1])
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, chosen))
    except OSError as error:
        holder.close()
        raise PortUnavailable(host, port, error) from None
    return chosen, holder


def _listener(port: int) -> str:
    """Name and number of the process that listens; empty when it belongs to another user or the system is not Linux."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(opened.readlink()) in sockets:
                process = opened.parents[1]
                return f"{(process / 'comm').read_text().strip()} ({process.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == _LISTENS:
                    found.add(fields[9])
    return found
