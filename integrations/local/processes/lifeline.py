"""Runs a program that must not outlive the process that started it.

    python lifeline.py auto|watch PARENT_PID /path/of/program ARGUMENT...

`auto` asks the Linux kernel to signal this process when its parent dies and then becomes the program, so nothing stays
in between. Elsewhere, and for `watch`, it stays as a small babysitter that notices a new parent and ends the program.
A separate file run by its path, because code between fork and exec of a threaded process may dead-lock.
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
    if mode == "auto" and die_with_parent():
        if os.getppid() != parent:
            return 0  # it died before the kernel knew of our wish
        os.execv(argv[0], argv)  # noqa: S606  # no shell is wanted
    return babysit(parent, argv)


def die_with_parent() -> bool:
    """Have the kernel send SIGTERM to this process when its parent ends. False where the kernel cannot."""
    if sys.platform != "linux":
        return False
    result: int = ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return result == 0


def babysit(parent: int, argv: list[str]) -> int:
    passed_on = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)  # one that came before the handlers would orphan the child
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
