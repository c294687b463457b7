"""The supervisor as run.py uses it: a process of its own, real workers, real signals."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.integrations.local.processes.supervised import is_alive, is_gone, supervised

GOOD_WORKER = """
import json, os, signal, sys, time
from integrations.local.processes.readiness import announce_ready

def drain(*_):
    try:
        print(json.dumps({"drained": os.getpid()}), flush=True)
    finally:  # also when nobody reads our output any more
        sys.exit(0)

signal.signal(signal.SIGTERM, drain)
print("plain text", file=sys.stderr, flush=True)
print(json.dumps({"serving": os.getpid(), "index": os.environ["WORKER_INDEX"]}), flush=True)
announce_ready()
while True:
    time.sleep(0.05)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_signal_drains_all_workers_and_exits_with_zero(tmp_path: Path, number: signal.Signals) -> None:
    async with supervised(tmp_path, GOOD_WORKER, count=2) as supervisor:
        pids = {await supervisor.serving(), await supervisor.serving()}

        supervisor.send(number)

        assert await supervisor.finished() == 0
        drained = {json.loads(line)["drained"] for line in supervisor.lines if '"drained"' in line}
        assert drained == pids
        assert not any(is_alive(pid) for pid in pids)


async def test_every_line_says_which_worker_printed_it(tmp_path: Path) -> None:
    async with supervised(tmp_path, GOOD_WORKER, count=2) as supervisor:
        started = [json.loads(await supervisor.sees('"serving"')) for _ in range(2)]

        supervisor.send(signal.SIGTERM)
        await supervisor.finished()

        assert sorted((line["worker"], line["index"]) for line in started) == [(0, "0"), (1, "1")]
        assert {"[worker 0] plain text", "[worker 1] plain text"} <= set(supervisor.lines)


async def test_a_worker_that_dies_is_restarted_with_growing_pauses(tmp_path: Path) -> None:
    async with supervised(tmp_path, GOOD_WORKER) as supervisor:
        for pause in ("0.1", "0.1", "0.2"):
            os.kill(await supervisor.serving(), signal.SIGKILL)
            line = await supervisor.sees("restart in")
            assert line == f"worker 0 ended with code -9; restart in {pause} s"
        assert is_alive(await supervisor.serving())


async def test_a_rolling_restart_never_leaves_a_place_without_a_worker(tmp_path: Path) -> None:
    async with supervised(tmp_path, GOOD_WORKER, count=2) as supervisor:
        before = {await supervisor.serving(), await supervisor.serving()}

        supervisor.send(signal.SIGHUP)

        await supervisor.sees("rolling restart of 2 workers")
        steps = [json.loads(await supervisor.sees('{"worker"')) for _ in range(4)]
        assert [step.get("drained") in before for step in steps] == [False, True, False, True]
        assert [step["worker"] for step in steps] == [0, 0, 1, 1]
        await supervisor.sees("rolling restart is done")


async def test_a_rolling_restart_to_a_broken_program_keeps_the_running_workers(tmp_path: Path) -> None:
    async with supervised(tmp_path, GOOD_WORKER) as supervisor:
        pid = await supervisor.serving()
        (tmp_path / "worker.py").write_text("raise SystemExit(3)")

        supervisor.send(signal.SIGHUP)

        await supervisor.sees("rolling restart ended at worker 0; the running workers stay")
        assert is_alive(pid)
        supervisor.send(signal.SIGTERM)
        assert await supervisor.finished() == 0


async def test_a_worker_that_does_not_drain_in_time_is_killed(tmp_path: Path) -> None:
    stubborn = GOOD_WORKER.replace("sys.exit(0)", "time.sleep(60)")
    async with supervised(tmp_path, stubborn, drain_seconds=0.2) as supervisor:
        pid = await supervisor.serving()

        supervisor.send(signal.SIGTERM)

        assert await supervisor.finished() == 1
        assert not is_alive(pid)


async def test_a_second_ctrl_c_does_not_wait_for_the_drain(tmp_path: Path) -> None:
    stubborn = GOOD_WORKER.replace("sys.exit(0)", "time.sleep(60)")
    async with supervised(tmp_path, stubborn, drain_seconds=60) as supervisor:
        pid = await supervisor.serving()

        supervisor.send(signal.SIGINT)
        await supervisor.sees('"drained"')
        supervisor.send(signal.SIGINT)

        await supervisor.finished()
        assert not is_alive(pid)


async def test_a_worker_that_no_restart_can_help_ends_the_supervisor_with_its_code(tmp_path: Path) -> None:
    async with supervised(tmp_path, "raise SystemExit(78)", count=2) as supervisor:
        assert await supervisor.finished() == 78


async def test_workers_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    async with supervised(tmp_path, GOOD_WORKER, count=2) as supervisor:
        pids = {await supervisor.serving(), await supervisor.serving()}

        supervisor.send(signal.SIGKILL)

        for pid in pids:
            assert await is_gone(pid)
