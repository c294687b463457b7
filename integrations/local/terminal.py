"""Output of the first process on the terminal: how the start goes on, and what to open when it is done."""

import os
import sys
import time
from pathlib import Path

STORES, DATABASE, READY = STEPS = (
    "数据库、缓存、模拟器 Database, cache, simulators",
    "索引与账号 Indexes and accounts",
    "就绪 Ready",
)
DEMO = "演示数据 Demonstration data"


class StartReport:
    """Says at once that the start has begun, then each step with the seconds since then."""

    def __init__(self) -> None:
        self._began_at = time.monotonic()
        print("正在启动… Starting…  （按 Ctrl-C 停止 · Ctrl-C stops it）", flush=True)

    def done(self, step: str) -> None:
        print(f"  {time.monotonic() - self._began_at:4.1f} s  {step}", flush=True)


def greet(url: str, admin: str, password: str | None, logs: Path | None, data: Path, *, several: bool) -> None:
    """`password`: of the account `admin`, if it was made up at this start."""
    lines = ["", f"  管理后台 Dashboard    {url}/", f"  接口文档 API docs     {url}/api/docs"]
    if password:
        lines.append(f"  管理员 Administrator  {admin}")
        lines.append(f"  初始密码 Password     {password}  （仅显示一次 · shown only once）")
    else:
        lines.append(f"  忘记密码 Forgotten?   先停止，再运行 · stop it, then: {_reset_command(data)}")
    if logs:
        lines.append(f"  日志 Logs             {logs}/")
    if several:
        lines.append("  多进程且无代理：仅提供 WebSocket · several workers without a proxy: WebSocket only")
    print("\n".join(lines) + "\n", flush=True)


def _reset_command(data: Path) -> str:
    python = sys.executable if (inside := os.path.relpath(sys.executable)).startswith("..") else inside
    directory = [] if data == Path("data") else ["--data-dir", str(data)]
    return " ".join([python, "run.py", "create-admin", "--reset", *directory])


def warn(zh: str, en: str) -> None:
    print(f"  注意 Note  {zh} · {en}", file=sys.stderr, flush=True)
