"""The whole product as an operator starts it: `run.py` in its own process."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "Quiet-Lamp-42"


class Product:
    def __init__(self, url: str, process: subprocess.Popen[bytes], output: Path) -> None:
        self.url = url
        self.process = process
        self._output = output

    @property
    def printed(self) -> str:
        return self._output.read_text(errors="replace")

    def wait_until_ready(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer:  # noqa: S310
                if answer.status == 200 and "/api/docs" in self.printed:  # it tells what to open last of all
                    return
            time.sleep(0.05)
        raise AssertionError(f"the product did not become ready; it printed:\n{self.printed[-4000:]}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    @contextlib.asynccontextmanager
    async def client(self, token: str = "") -> AsyncIterator[aiohttp.ClientSession]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with aiohttp.ClientSession(self.url, headers=headers) as session:
            yield session

    async def admin_token(self) -> str:
        async with self.client() as client:
            answer = await client.post("/api/auth/login", json={"username": "admin", "password": PASSWORD})
            body: dict[str, Any] = await answer.json()
            assert answer.status == 200, body
            return str(body["data"]["access_token"])


@contextmanager
def running(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    data: Path | None = None,
    port: int | None = None,
    wait: bool = True,
    on_terminal: bool = False,
    root: Path = ROOT,
) -> Iterator[Product]:
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="product-", ignore_cleanup_errors=True) as directory:
        folder = data or Path(directory)
        output = Path(directory) / "output.log"
        command = [sys.executable, str(root / "run.py"), "--port", str(port), "--data-dir", str(folder / "data")]
        env = {
            **{name: value for name, value in os.environ.items() if name not in ("MONGODB_URI", "REDIS_URL")},
            "ADMIN_PASSWORD": PASSWORD,
            "RATE_LIMIT_FACTOR": "1000",
            "PASSWORD_ROUNDS": "10",
            **(environment or {}),
        }
        with output.open("wb") as file, _terminal(output) if on_terminal else contextlib.nullcontext(file) as out:
            process = subprocess.Popen([*command, *arguments], stdout=out, stderr=out, env=env, cwd=folder)
        product = Product(f"http://127.0.0.1:{port}", process, output)
        try:
            if wait:
                product.wait_until_ready()
            yield product
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def _terminal(output: Path) -> Iterator[int]:
    """A terminal. Its output is copied to `output` until the last process closes it."""
    parent_end, child_end = pty.openpty()

    def copy() -> None:
        with output.open("ab") as file, contextlib.suppress(OSError):
            while chunk := os.read(parent_end, 65536):
                file.write(chunk)
                file.flush()
        os.close(parent_end)

    threading.Thread(target=copy, daemon=True).start()
    try:
        yield child_end
    finally:
        os.close(child_end)
