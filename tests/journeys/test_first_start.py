"""The first start: the password, logs, signals, a port that is in use, health and metrics."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp

from integrations.local.terminal import STEPS
from tests.journeys.support.app_processes import process_table
from tests.journeys.support.running import PASSWORD, ROOT, Product, running
from tests.waiting import eventually


async def test_a_first_start_on_a_terminal_shows_the_password_once_and_ctrl_c_stops_every_process(
    tmp_path: Path,
) -> None:
    with running(environment={"ADMIN_PASSWORD": ""}, data=tmp_path, on_terminal=True) as product:
        shown = re.findall(r"初始密码 Password +(\S+)", product.printed)
        assert len(shown) == 1
        assert await login_status(product, shown[0]) == 200
        async with product.client() as client:
            for _ in range(3):
                assert (await client.get("/api/auth/me")).status == 401

        assert len(re.findall("初始密码", product.printed)) == 1  # still there: logs go to files
        assert '"stream"' not in product.printed
        logs = tmp_path / "data" / "logs"
        assert f"{logs}/" in product.printed
        assert len((logs / "access-0.log").read_text().splitlines()) >= 3
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0

        product.process.send_signal(signal.SIGINT)
        assert product.process.wait(20) == 0
    assert [line for _, _, line in process_table() if str(tmp_path) in line] == []

    with running(environment={"ADMIN_PASSWORD": ""}, data=tmp_path) as again:
        assert again.printed.startswith("正在启动… Starting…")
        assert [step for step in STEPS if re.search(rf" \d+\.\d s  {step}\n", again.printed)] == list(STEPS)
        assert "初始密码" not in again.printed
        assert "create-admin --reset" in again.printed
        assert await login_status(again, shown[0]) == 200
        assert again.stop() == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert shown[0].encode() not in kept


async def login_status(product: Product, password: str) -> int:
    async with product.client() as client:
        answer = await client.post("/api/auth/login", json={"username": "admin", "password": password})
        return answer.status


async def test_a_port_in_use_is_reported_with_the_process_that_uses_it(product: Product) -> None:
    port = product.url.rsplit(":", 1)[1]

    other = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "--port", port], capture_output=True, text=True, check=False
    )

    assert other.returncode == 78
    owner = re.search(rf"port {port} is in use by \S+ \((\d+)\); use --port", other.stderr)
    assert owner is not None, other.stderr
    assert int(owner[1]) != product.process.pid  # an app process
    assert f"端口 {port} 正被" in other.stderr
    assert "配置有误" not in other.stderr
    assert "Traceback" not in other.stderr


def test_help_explains_every_option() -> None:
    shown = subprocess.run([sys.executable, str(ROOT / "run.py"), "--help"], capture_output=True, text=True, check=True)

    for option in ("--host", "--port", "--workers", "--demo", "--data-dir", "create-admin", "check-config"):
        assert option in shown.stdout
    assert "(internal)" not in shown.stdout


async def test_health_reports_each_dependency(product: Product) -> None:
    async with product.client() as client:
        body = await (await client.get("/health/ready")).json()

    assert body["status"] == "ok"
    assert {name: check["status"] for name, check in body["checks"].items()} == {"mongodb": "up", "redis": "up"}


async def metrics_with(client: aiohttp.ClientSession, part: str) -> str:
    """The page of metrics, which may be a second old, once it has `part`."""

    async def rendered() -> str:
        text = await (await client.get("/metrics")).text()
        return text if part in text else ""

    return await eventually(rendered)


async def test_metrics_have_route_patterns_instead_of_paths(product: Product) -> None:
    async with product.client(await product.admin_token()) as client:
        await client.get("/api/miniprogram-users/0123456789abcdef01234567")
        text = await metrics_with(client, 'route="/api/miniprogram-users/{user_id}"')

    assert "0123456789abcdef01234567" not in text
    assert "loop_lag_seconds" in text


async def test_metrics_cover_logins_providers_and_pools(product: Product) -> None:
    async with product.client() as client:
        refused = await client.post("/api/miniprogram-users/login", json={"code": "made-up"})
        assert (refused.status, (await refused.json())["code"]) == (401, "WX_CODE_INVALID")
        text = await metrics_with(client, 'reason="WX_CODE_INVALID"')

    figures = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[0] != "#"}
    assert figures['login_attempts_total{method="openid",reason="WX_CODE_INVALID",result="failed"}'] >= 1
    [metric] = [
        name for name in figures if name.startswith("provider_call_seconds_count") and 'outcome="40029"' in name
    ]
    assert 'provider="wechat"' in metric
    for name in ("mongodb_pool_connections", "mongodb_pool_in_use", "redis_pool_in_use", "http_requests_in_flight"):
        assert name in figures


async def test_logs_are_json_lines_without_secrets(product: Product) -> None:
    await product.admin_token()

    async def streams_were_logged() -> bool:  # an audit row is logged after the response
        lines = [line for line in product.printed.splitlines() if line.startswith("{") and line.endswith("}")]
        return {json.loads(line)["stream"] for line in lines} >= {"access", "audit"}

    assert await eventually(streams_were_logged)
    assert PASSWORD not in product.printed
