"""Child processes: they die with their parent, and what they print arrives whole."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Literal

import pytest

from integrations.local.processes.backoff import Backoff
from integrations.local.processes.child import Child, Stream
from integrations.local.processes.lines import LineSplitter, labelled
from tests.integrations.local.processes.supervised import ROOT, is_alive, is_gone

LIFELINES = pytest.mark.parametrize("lifeline", ["auto", "watch"])

PARENT = """
import asyncio, sys
from integrations.local.processes.child import Child

async def main():
    sleeper = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
    await Child.start(sleeper, lambda _, line: print(line.decode(), flush=True), lifeline=sys.argv[1])
    await asyncio.sleep(60)

asyncio.run(main())
"""


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(60)
"""


class Heard(list[tuple[Stream, bytes]]):
    def __init__(self) -> None:
        super().__init__()
        self.something = asyncio.Event()

    def __call__(self, stream: Stream, line: bytes) -> None:
        self.append((stream, line))
        self.something.set()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@LIFELINES
async def test_a_child_dies_when_its_parent_is_killed(lifeline: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(*python(PARENT), lifeline), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)

    parent.kill()
    await parent.wait()

    assert await is_gone(pid)


@LIFELINES
async def test_a_child_gets_its_input_and_its_lines_arrive(lifeline: Literal["auto", "watch"]) -> None:
    heard = Heard()
    code = "import sys; print(sys.stdin.read()); print('half', end='', file=sys.stderr); sys.exit(7)"

    child = await Child.start(python(code), heard, stdin=b"secret", lifeline=lifeline)

    assert await child.wait() == 7
    assert sorted(heard) == [("stderr", b"half"), ("stdout", b"secret")]


async def test_a_child_is_not_in_the_process_group_that_ctrl_c_reaches() -> None:
    child = await Child.start(python("import time; time.sleep(60)"), Heard())

    assert os.getpgid(child.pid) == child.pid

    await child.stop(5)


@LIFELINES
async def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(lifeline: Literal["auto", "watch"]) -> None:
    heard = Heard()
    child = await Child.start(python(STUBBORN), heard, lifeline=lifeline)
    await heard.something.wait()

    by_itself = await child.stop(0.2)

    assert not by_itself
    assert child.exit_code == -signal.SIGKILL
    assert await is_gone(int(heard[0][1]))


async def test_a_program_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(FileNotFoundError):
        await Child.start(["/no/such/program"], Heard())


async def test_stopping_a_child_that_ended_is_no_error(tmp_path: Path) -> None:
    child = await Child.start(python("pass"), Heard(), cwd=tmp_path)
    await child.wait()

    assert await child.stop(1)


def test_lines_are_whole_however_they_were_cut() -> None:
    splitter = LineSplitter(longest=5)

    lines = [line for chunk in (b"a", b"b\r\n\nc", b"defghij", b"k\nend") for line in splitter.feed(chunk)]

    assert lines == [b"ab", b"", b"cdefg", b"hijk"]
    assert list(splitter.finish()) == [b"end"]


def test_a_worker_is_a_field_of_json_and_a_prefix_of_text() -> None:
    assert labelled(2, b'{"event":"login"}') == b'{"worker":2,"event":"login"}'
    assert labelled(2, b'{"event":"login","worker":9}') == b'{"event":"login","worker":9}'
    assert labelled(2, b"{}") == b"[worker 2] {}"
    assert labelled(2, b"Traceback") == b"[worker 2] Traceback"


def test_pauses_double_up_to_a_bound_and_start_afresh_after_a_long_life() -> None:
    backoff = Backoff(first_seconds=1, longest_seconds=3, stable_seconds=10)

    assert [backoff.after(0) for _ in range(4)] == [1, 2, 3, 3]
    assert backoff.after(10) == 1
    assert backoff.after(0) == 2
