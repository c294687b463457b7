"""The supervisor as run.py uses it: in its own process, with real app processes and real signals."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.integrations.local.processes.supervised import is_alive, supervised, until_gone

# Waits for the signal instead of handling it: a handler may run inside the flush of an earlier print, and then its own
# print raises "reentrant call" and the line is lost.
APP_PROCESS = """
import json, os, signal, sys, time
from integrations.local.processes.readiness import announce_ready

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("plain text", file=sys.stderr, flush=True)
print(json.dumps({"serving": os.getpid(), "index": os.environ["WORKER_INDEX"]}), flush=True)
announce_ready()
signal.sigwait({signal.SIGTERM})
try:
    print(json.dumps({"drained": os.getpid()}), flush=True)
finally:  # also when the reader of the output has ended
    sys.exit(0)
"""
APP_PROCESS_THAT_HANGS = APP_PROCESS.replace("sys.exit(0)", "time.sleep(60)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_signal_drains_all_app_processes_and_exits_with_zero(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with supervised(tmp_path, APP_PROCESS, count=2) as supervisor:
        pids = {await supervisor.next_serving_pid(), await supervisor.next_serving_pid()}

        supervisor.send(number)

        assert await supervisor.finished() == 0
        drained = {json.loads(line)["drained"] for line in supervisor.lines if '"drained"' in line}
        assert drained == pids
        assert not any(is_alive(pid) for pid in pids)


async def test_every_line_is_labelled_with_its_app_process(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS, count=2) as supervisor:
        started = [json.loads(await supervisor.until_printed('"serving"')) for _ in range(2)]

        supervisor.send(signal.SIGTERM)
        await supervisor.finished()

        assert sorted((line["worker"], line["index"]) for line in started) == [(0, "0"), (1, "1")]
        assert {"[worker 0] plain text", "[worker 1] plain text"} <= set(supervisor.lines)


async def test_an_app_process_that_dies_is_restarted_with_growing_delays(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS) as supervisor:
        for delay in ("0.1", "0.1", "0.2"):
            os.kill(await supervisor.next_serving_pid(), signal.SIGKILL)
            line = await supervisor.until_printed("restart in")
            assert line == f"app process 0 ended with code -9; restart in {delay} s"
        assert is_alive(await supervisor.next_serving_pid())


async def test_a_rolling_restart_starts_each_successor_before_it_drains_the_predecessor(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS, count=2) as supervisor:
        before = {await supervisor.next_serving_pid(), await supervisor.next_serving_pid()}

        supervisor.send(signal.SIGHUP)

        await supervisor.until_printed("rolling restart of 2 app processes")
        steps = [json.loads(await supervisor.until_printed('{"worker"')) for _ in range(4)]
        assert [step.get("drained") in before for step in steps] == [False, True, False, True]
        assert [step["worker"] for step in steps] == [0, 0, 1, 1]
        await supervisor.until_printed("rolling restart is done")


async def test_a_rolling_restart_to_a_broken_program_keeps_the_running_processes(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS) as supervisor:
        pid = await supervisor.next_serving_pid()
        (tmp_path / "app_process.py").write_text("raise SystemExit(3)")

        supervisor.send(signal.SIGHUP)

        await supervisor.until_printed("rolling restart ended at app process 0; the running processes stay")
        assert is_alive(pid)
        supervisor.send(signal.SIGTERM)
        assert await supervisor.finished() == 0


async def test_an_app_process_that_does_not_drain_in_time_is_killed(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS_THAT_HANGS, drain_seconds=0.2) as supervisor:
        pid = await supervisor.next_serving_pid()

        supervisor.send(signal.SIGTERM)

        assert await supervisor.finished() == 1
        assert not is_alive(pid)


async def test_a_second_ctrl_c_cuts_the_drain_short(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS_THAT_HANGS, drain_seconds=60) as supervisor:
        pid = await supervisor.next_serving_pid()

        supervisor.send(signal.SIGINT)
        await supervisor.until_printed('"drained"')
        supervisor.send(signal.SIGINT)

        await supervisor.finished()
        assert not is_alive(pid)


async def test_exit_code_78_before_readiness_ends_the_supervisor_with_this_code(tmp_path: Path) -> None:
    async with supervised(tmp_path, "raise SystemExit(78)", count=2) as supervisor:
        assert await supervisor.finished() == 78


async def test_app_processes_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    async with supervised(tmp_path, APP_PROCESS, count=2) as supervisor:
        pids = {await supervisor.next_serving_pid(), await supervisor.next_serving_pid()}

        supervisor.send(signal.SIGKILL)

        for pid in pids:
            await until_gone(pid)
