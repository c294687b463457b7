"""The commands of `run.py` for operators: create-admin and check-config, and their arguments."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.local.command_line import main
from tests.app_process import Answer, running_process, settings_of
from tests.integrations.test_settings import SAFE
from tests.journeys.support.running import ROOT
from tests.product_logs import logging_restored

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
def stores(mongodb_uri: str, redis_url: str, redis: Redis, database: Database) -> dict[str, str]:
    return {"MONGODB_URI": mongodb_uri, "MONGODB_DATABASE": database.name, "REDIS_URL": redis_url}


def run_program(cwd: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Without standard input, as under a scheduler."""
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        env=only(environment),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def run_command(cwd: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The same in this process, which has imported everything already. Not for an async test, which has a loop."""
    out, err = StringIO(), StringIO()
    with (
        patch.dict(os.environ, only(environment), clear=True),
        patch.object(sys, "stdin", StringIO()),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
        logging_restored(),
    ):
        code = main(str(ROOT / "run.py"), arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def only(environment: dict[str, str]) -> dict[str, str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**known, "PASSWORD_ROUNDS": "10", **environment}


def exit_code_of(result: "subprocess.CompletedProcess[str]") -> int:
    assert "Traceback" not in result.stderr
    return result.returncode


async def test_create_admin_creates_an_account_once_and_resets_its_password_on_request(
    stores: dict[str, str], tmp_path: Path
) -> None:
    create = ("create-admin", "--username", "wang_li", "--name", "王丽")

    made = await asyncio.to_thread(run_command, tmp_path, *create, **stores)
    again = await asyncio.to_thread(run_command, tmp_path, *create, **stores)

    assert exit_code_of(made) == 0
    first = made.stdout.rsplit("password: ", 1)[1].strip()
    assert exit_code_of(again) == 1
    assert "[USERNAME_TAKEN]" in again.stderr
    settings = settings_of(stores["MONGODB_URI"], stores["REDIS_URL"], stores["MONGODB_DATABASE"])
    async with running_process(settings) as product:

        async def login(password: str) -> Answer:
            return await product.call("POST", "/api/auth/login", {"username": "wang_li", "password": password})

        assert (await login(first)).status == 200
        reset = await asyncio.to_thread(
            run_command, tmp_path, *create, "--reset", ADMIN_PASSWORD="Another-Lamp-7", **stores
        )
        assert exit_code_of(reset) == 0
        assert "Another-Lamp-7" not in reset.stdout + reset.stderr
        assert (await login(first)).status == 401
        entered = await login("Another-Lamp-7")
        assert entered.status == 200
        refused = await product.call("GET", "/api/users", token=entered.data["access_token"])
        assert refused.code == "PASSWORD_CHANGE_REQUIRED"  # nobody typed it at the terminal


def test_create_admin_refuses_a_short_password_and_an_unknown_username(stores: dict[str, str], tmp_path: Path) -> None:
    short = run_command(tmp_path, "create-admin", ADMIN_PASSWORD="short", **stores)
    unknown = run_command(tmp_path, "create-admin", "--username", "unknown", "--reset", **stores)
    no_role = run_command(tmp_path, "create-admin", "--username", "li", "--role", "nobody", **stores)

    assert (exit_code_of(short), exit_code_of(unknown)) == (1, 1)
    assert "至少" in short.stderr
    assert "unknown" in unknown.stderr
    assert "[STAFF_NOT_FOUND]" in unknown.stderr
    assert (no_role.returncode, "[UNKNOWN_ROLE]" in no_role.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--port", "99999"), "--port: 应为 0 到 65535 的整数"),
        (("--port", "-1"), "--port: 应为 0 到 65535 的整数"),
        (("--port", "80a"), "--port: 应为 0 到 65535 的整数"),
        (("--workers", "0"), "--workers: 应为 1 到"),
        (("--workers", "-3"), "--workers: 应为 1 到"),
        (("--workers", "9" * 5000), "--workers: 应为 1 到"),
        (("create-admin", "--username", ""), "--username: 应为 1 到 64 个普通字符"),
        (("create-admin", "--username", "  "), "--username: 应为 1 到 64 个普通字符"),
        (("create-admin", "--username", "a" * 65), "--username: 应为 1 到 64 个普通字符"),
        (("create-admin", "--username", "wang\nli"), "--username: 应为 1 到 64 个普通字符"),
        (("create-admin", "--username", "wang\u202eli"), "--username: 应为 1 到 64 个普通字符"),
        (("create-admin", "--name", ""), "--name: 应为 1 到 32 个普通字符"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_invalid_argument_is_named_and_nothing_is_started(
    arguments: tuple[str, ...], named: str, tmp_path: Path
) -> None:
    refused = run_program(tmp_path, *arguments)

    assert exit_code_of(refused) == 2
    assert f"error: argument {named}" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("--prot", "8164"), "no option --prot; did you mean --port?"),
        (("--prot=8164",), "no option --prot; did you mean --port?"),
        (("create-admin", "--user-name", "li"), "no option --user-name; did you mean --username?"),
        (("--zzz",), "没有选项 --zzz · no option --zzz"),
    ],
)
def test_a_mistyped_option_is_answered_with_the_one_that_was_meant(
    arguments: tuple[str, ...], answer: str, tmp_path: Path
) -> None:
    refused = run_program(tmp_path, *arguments)

    assert exit_code_of(refused) == 2
    assert answer in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_weak_password_of_the_administrator_is_pointed_out(tmp_path: Path) -> None:
    with socket.socket() as taken:  # so that nothing is started
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        warned = run_program(tmp_path, "--port", str(taken.getsockname()[1]), ADMIN_PASSWORD="admin123")

    assert exit_code_of(warned) == 78
    assert "ADMIN_PASSWORD is easy to guess" in warned.stderr
    assert "admin123" not in warned.stderr


def test_data_dir_may_precede_or_follow_the_command(tmp_path: Path) -> None:
    before = run_program(tmp_path, "--data-dir", "here", "create-admin")
    after = run_command(tmp_path, "create-admin", "--data-dir", "here", "--reset", ADMIN_PASSWORD="Another-Lamp-7")

    assert (exit_code_of(before), exit_code_of(after)) == (0, 0), before.stderr + after.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_check_config_lists_every_variable_and_no_secret(tmp_path: Path) -> None:
    shown = run_command(tmp_path, "check-config", **SAFE)

    assert exit_code_of(shown) == 0
    for name in ("APP_ENV", "MONGODB_URI", "JWT_SECRET", "ACCEPT_UNVERIFIED_OPENID", "TRUSTED_PROXIES", "LOG_DIR"):
        assert f"{name} " in shown.stdout
    for name in ("JWT_SECRET", "MINIPROGRAM_APPSECRET", "ADMIN_PASSWORD", "ESIGN_ACCOUNT_KEY"):
        assert SAFE[name] not in shown.stdout
    assert "PRIVATE KEY" not in shown.stdout


def test_a_half_written_secret_starts_nothing_and_is_named(stores: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "data/jwt-secret"
    secret.parent.mkdir()
    secret.write_text("k3yR9v7Q")

    refused = run_program(tmp_path, "--port", "0", **stores)

    assert exit_code_of(refused) == 78
    assert "data/jwt-secret 为空或不完整" in refused.stderr
    assert secret.read_text() == "k3yR9v7Q"


@pytest.mark.parametrize("arguments", [(), ("check-config",), ("create-admin",)])
def test_a_weak_production_configuration_starts_nothing_and_names_each_variable(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    weak = {**SAFE, "JWT_SECRET": "short", "CORS_ORIGIN": "*", "ACCEPT_UNVERIFIED_OPENID": "true"}

    refused = (run_command if arguments else run_program)(tmp_path, *arguments, **weak)

    assert exit_code_of(refused) not in (0, 1)
    for name in ("JWT_SECRET", "CORS_ORIGIN", "ACCEPT_UNVERIFIED_OPENID"):
        assert f"- {name}:" in refused.stderr
    assert list(tmp_path.iterdir()) == []


async def test_rebuild_statistics_says_from_which_day_on_it_could_recount(
    stores: dict[str, str], database: Database, tmp_path: Path
) -> None:
    first = await asyncio.to_thread(run_command, tmp_path, "rebuild-statistics", **stores)
    complete = {"_id": "login-log", "since": "2026-01-25", "refusedSince": "2026-12-01"}
    await database["statistics_complete_rows"].insert_one(complete)

    later = await asyncio.to_thread(run_command, tmp_path, "rebuild-statistics", **stores)

    assert (exit_code_of(first), exit_code_of(later)) == (0, 0)
    assert "before" not in first.stdout
    assert "figures before 2026-01-25 were kept" in later.stdout
    assert "refused logins before 2026-12-01 were kept" in later.stdout
