"""The simulator as a program of its own."""

import subprocess
import sys

import aiohttp
import pytest

from integrations.simulators.wechat import SIMULATED
from tests.servers import ServerProcess


class SimulatorProcess(ServerProcess):
    def __init__(self) -> None:
        super().__init__("wechat")

    def command(self) -> list[str]:
        return [sys.executable, "-m", "integrations.simulators.wechat", "--port", str(self.port)]


async def test_it_answers_on_its_port_and_ends_when_told() -> None:
    simulator = SimulatorProcess()
    simulator.start()
    base = f"http://127.0.0.1:{simulator.port}"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/__sim__/codes", json={"person": "王芳"}) as response:
            minted = await response.json()
        query = {"appid": SIMULATED.app_id, "secret": SIMULATED.secret, "grant_type": "authorization_code"}
        async with session.get(f"{base}/sns/jscode2session", params={**query, "js_code": minted["code"]}) as response:
            answer = await response.json(content_type=None)
    simulator.stop()
    output = (simulator.directory / "output.log").read_text()
    simulator.dispose()

    assert answer["openid"] == minted["openid"]
    assert output == ""


def test_it_says_what_it_needs() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        subprocess.run(
            [sys.executable, "-m", "integrations.simulators.wechat"], check=True, capture_output=True, text=True
        )
    assert "--port" in refused.value.stderr
