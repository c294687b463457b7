"""Runs a program that must not outlive the process that started it.

    python parent_watch.py kernel|poll PARENT_PID /path/of/program ARGUMENT...

`kernel` asks Linux to signal this process when its parent dies and then becomes the program, so no process stays in
between. On other systems, and for `poll`, this process stays as a watcher: it polls its parent's process id and ends
the program when that changes. It is a separate file that is run by its path, because Python code between fork and exec
of a threaded process may deadlock.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0


def main(mode: str, parent: int, argv: list[str]) -> int:
    if mode == "kernel" and set_parent_death_signal():
        if os.getppid() != parent:
            return 0  # the parent died before the kernel knew of the request
        os.execv(argv[0], argv)  # noqa: S606  # no shell is wanted
    return run_and_poll_parent(parent, argv)


def set_parent_death_signal() -> bool:
    """Have the kernel send SIGTERM to this process when its parent ends. False where the kernel cannot."""
    if sys.platform != "linux":
        return False
    result: int = ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return result == 0


def run_and_poll_parent(parent: int, argv: list[str]) -> int:
    passed_on = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)  # a signal before the handlers are set would orphan the child
    child = os.posix_spawn(argv[0], argv, os.environ, setsigmask=())
    for name in passed_on:
        signal.signal(name, lambda received, _: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    deadline: float | None = None
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if deadline is None and os.getppid() != parent:
            os.kill(child, signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
        elif deadline is not None and time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
