"""The limit of open files is raised at the start."""

import subprocess
import sys

PROGRAM = """
import resource
from integrations.local.processes.descriptors import raise_descriptor_limit

resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, 512))
print(raise_descriptor_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits_after(soft: int) -> str:
    command = [sys.executable, "-c", PROGRAM.format(soft=soft)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_soft_limit_becomes_the_hard_one() -> None:
    assert limits_after(128) == "512 512 512"
    assert limits_after(512) == "512 512 512"
