"""The program that limits itself, then becomes ffmpeg, which reads one untrusted video.

Arguments: the process id of the parent, the largest output in bytes, the most seconds of processor time, the command.
"""

import ctypes
import os
import resource
import signal
import sys

MEMORY_BYTES = 1024 * 1024 * 1024
PR_SET_PDEATHSIG = 1


def main() -> int:
    parent, max_bytes, seconds = (int(each) for each in sys.argv[1:4])
    command = sys.argv[4:]
    end_with_parent(parent)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, max_bytes),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.nice(10)  # requests and pictures come first
    os.execv(command[0], command)  # noqa: S606  # a shell would interpret names


def end_with_parent(parent: int) -> None:
    """Ends this process with its parent, also a killed one: another process converts the video again."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it is gone already
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
