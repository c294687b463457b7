"""The other things that `run.py` does, on the command line of whoever looks after the installation."""

import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.integrations.test_settings import SAFE
from tests.journeys.running import ROOT, running


@pytest.fixture
def stores(mongodb_uri: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {"MONGODB_URI": mongodb_uri, "MONGODB_DATABASE": f"t{tmp_path.name[-20:]}", "REDIS_URL": redis_url}


def command(cwd: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """With nothing to read from, as under a scheduler."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        env={**known, "PASSWORD_ROUNDS": "10", **environment},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def code_of(result: "subprocess.CompletedProcess[str]") -> int:
    assert "Traceback" not in result.stderr
    return result.returncode


async def status_of_log_in(client: aiohttp.ClientSession, username: str, password: str) -> int:
    async with client.post("/api/auth/login", json={"username": username, "password": password}) as answer:
        return answer.status


async def test_an_administrator_is_created_once_and_gets_another_password_only_when_asked(
    stores: dict[str, str], tmp_path: Path
) -> None:
    create = ("create-admin", "--username", "wang_li", "--name", "王丽")

    made = command(tmp_path, *create, **stores)
    again = command(tmp_path, *create, **stores)

    assert code_of(made) == 0
    first = made.stdout.rsplit("password: ", 1)[1].strip()
    assert code_of(again) == 1
    assert "[USERNAME_TAKEN]" in again.stderr
    with running(environment=stores, data=tmp_path) as product:
        async with product.client() as client:
            assert await status_of_log_in(client, "wang_li", first) == 200
            reset = command(tmp_path, *create, "--reset", ADMIN_PASSWORD="Another-Lamp-7", **stores)
            assert code_of(reset) == 0
            assert "Another-Lamp-7" not in reset.stdout + reset.stderr
            assert await status_of_log_in(client, "wang_li", first) == 401
            assert await status_of_log_in(client, "wang_li", "Another-Lamp-7") == 200


def test_a_password_that_is_too_short_and_a_name_that_nobody_has_are_refused(
    stores: dict[str, str], tmp_path: Path
) -> None:
    short = command(tmp_path, "create-admin", ADMIN_PASSWORD="short", **stores)
    unknown = command(tmp_path, "create-admin", "--username", "nobody", "--reset", **stores)

    assert (code_of(short), code_of(unknown)) == (1, 1)
    assert "至少" in short.stderr
    assert "nobody" in unknown.stderr
    assert "[NOT_FOUND]" in unknown.stderr


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
def test_an_argument_that_cannot_be_is_named_and_starts_nothing(
    arguments: tuple[str, ...], named: str, tmp_path: Path
) -> None:
    refused = command(tmp_path, *arguments)

    assert code_of(refused) == 2
    assert f"error: argument {named}" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_data_directory_is_named_before_or_after_a_command(tmp_path: Path) -> None:
    before = command(tmp_path, "--data-dir", "here", "create-admin")
    after = command(tmp_path, "create-admin", "--data-dir", "here", "--reset", ADMIN_PASSWORD="Another-Lamp-7")

    assert (code_of(before), code_of(after)) == (0, 0), before.stderr + after.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_check_config_lists_every_variable_and_no_secret(tmp_path: Path) -> None:
    shown = command(tmp_path, "check-config", **SAFE)

    assert code_of(shown) == 0
    for name in ("APP_ENV", "MONGODB_URI", "JWT_SECRET", "ACCEPT_UNVERIFIED_OPENID", "TRUSTED_PROXIES", "LOG_DIR"):
        assert f"{name} " in shown.stdout
    for name in ("JWT_SECRET", "MINIPROGRAM_APPSECRET", "ADMIN_PASSWORD", "ESIGN_ACCOUNT_KEY"):
        assert SAFE[name] not in shown.stdout
    assert "PRIVATE KEY" not in shown.stdout


@pytest.mark.parametrize("arguments", [(), ("check-config",), ("create-admin",)])
def test_a_weak_production_configuration_starts_nothing_and_names_each_variable(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    weak = {**SAFE, "JWT_SECRET": "short", "CORS_ORIGIN": "*", "ACCEPT_UNVERIFIED_OPENID": "true"}

    refused = command(tmp_path, *arguments, **weak)

    assert code_of(refused) not in (0, 1)
    for name in ("JWT_SECRET", "CORS_ORIGIN", "ACCEPT_UNVERIFIED_OPENID"):
        assert f"- {name}:" in refused.stderr
    assert list(tmp_path.iterdir()) == []
