"""The number of files and connections that this process may open."""

import contextlib
import resource
from typing import Final

_MOST: Final = 1 << 20
"""Some systems name no limit, or one that programs would allocate tables for."""


def raise_descriptor_limit() -> int:
    """Raises the soft limit to the hard one, for this process and its children, and returns the limit that holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # then the soft limit stays, and the caps follow from it
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else soft
