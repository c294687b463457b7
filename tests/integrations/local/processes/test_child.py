"""Child processes end with their parent, and their output arrives in whole lines."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from integrations.local.processes.backoff import Backoff
from integrations.local.processes.child import Child, ParentWatch, Stream
from integrations.local.processes.output_lines import LineSplitter, with_process_label
from tests.integrations.local.processes.supervised import ROOT, is_alive, until_gone

PARENT_WATCHES = pytest.mark.parametrize("parent_watch", ["kernel", "poll"])

PARENT = """
import asyncio, sys
from integrations.local.processes.child import Child

async def main():
    sleeper = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
    await Child.start(sleeper, lambda _, line: print(line.decode(), flush=True), parent_watch=sys.argv[1])
    await asyncio.sleep(60)

asyncio.run(main())
"""


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(60)
"""


class ReceivedLines(list[tuple[Stream, bytes]]):
    def __init__(self) -> None:
        super().__init__()
        self.received = asyncio.Event()

    def __call__(self, stream: Stream, line: bytes) -> None:
        self.append((stream, line))
        self.received.set()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@PARENT_WATCHES
async def test_a_child_ends_when_its_parent_is_killed(parent_watch: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(*python(PARENT), parent_watch), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)

    parent.kill()
    await parent.wait()

    await until_gone(pid)


@PARENT_WATCHES
async def test_a_child_gets_its_input_and_its_lines_arrive(parent_watch: ParentWatch) -> None:
    lines = ReceivedLines()
    code = "import sys; print(sys.stdin.read()); print('half', end='', file=sys.stderr); sys.exit(7)"

    child = await Child.start(python(code), lines, stdin=b"secret", parent_watch=parent_watch)

    assert await child.wait() == 7
    assert sorted(lines) == [("stderr", b"half"), ("stdout", b"secret")]


async def test_a_child_is_not_in_the_process_group_that_ctrl_c_reaches() -> None:
    child = await Child.start(python("import time; time.sleep(60)"), ReceivedLines())

    assert os.getpgid(child.pid) == child.pid

    await child.stop(5)


@PARENT_WATCHES
async def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(parent_watch: ParentWatch) -> None:
    lines = ReceivedLines()
    child = await Child.start(python(STUBBORN), lines, parent_watch=parent_watch)
    await lines.received.wait()

    in_time = await child.stop(0.2)

    assert not in_time
    assert child.exit_code == -signal.SIGKILL
    await until_gone(int(lines[0][1]))


async def test_a_program_that_does_not_exist_raises_file_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        await Child.start(["/no/such/program"], ReceivedLines())


async def test_stopping_a_child_that_ended_is_no_error(tmp_path: Path) -> None:
    child = await Child.start(python("pass"), ReceivedLines(), cwd=tmp_path)
    await child.wait()

    assert await child.stop(1)


def test_lines_are_whole_however_they_were_cut() -> None:
    splitter = LineSplitter(longest=5)

    lines = [line for chunk in (b"a", b"b\r\n\nc", b"defghij", b"k\nend") for line in splitter.feed(chunk)]

    assert lines == [b"ab", b"", b"cdefg", b"hijk"]
    assert list(splitter.finish()) == [b"end"]


def test_the_process_label_is_a_field_of_json_and_a_prefix_of_text() -> None:
    assert with_process_label(2, b'{"event":"login"}') == b'{"worker":2,"event":"login"}'
    assert with_process_label(2, b'{"event":"login","worker":9}') == b'{"event":"login","worker":9}'
    assert with_process_label(2, b"{}") == b"[worker 2] {}"
    assert with_process_label(2, b"Traceback") == b"[worker 2] Traceback"


def test_delays_double_up_to_a_bound_and_reset_after_a_long_uptime() -> None:
    backoff = Backoff(first_seconds=1, longest_seconds=3, stable_seconds=10)

    assert [backoff.delay_after(0) for _ in range(4)] == [1, 2, 3, 3]
    assert backoff.delay_after(10) == 1
    assert backoff.delay_after(0) == 2
