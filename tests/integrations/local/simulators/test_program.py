"""The simulators as programs."""

import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from integrations.clock import SystemClock
from integrations.esign.codes import EsignRefused
from integrations.esign.http import EsignHttp
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, development_keys
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from tests.servers import ServerProcess


class SimulatorProcess(ServerProcess):
    def __init__(self, name: str = "wechat", *options: str) -> None:
        super().__init__(name)
        self._name = name
        self._options = options

    def command(self) -> list[str]:
        program = [sys.executable, "-m", "integrations.local.simulators"]
        return [*program, f"--{self._name}", str(self.port), *self._options]


async def test_the_wechat_simulator_listens_on_its_port_and_ends_on_sigterm() -> None:
    simulator = SimulatorProcess()
    simulator.start()
    base = f"http://127.0.0.1:{simulator.port}"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/__sim__/codes", json={"person": "王芳"}) as response:
            minted = await response.json()
        query = {
            "appid": SIM_PROGRAM.app_id,
            "secret": SIM_PROGRAM.secret,
            "grant_type": "authorization_code",
        }
        async with session.get(f"{base}/sns/jscode2session", params={**query, "js_code": minted["code"]}) as response:
            answer = await response.json(content_type=None)
    simulator.stop()
    output = (simulator.directory / "output.log").read_text()
    simulator.dispose()

    assert answer["openid"] == minted["openid"]
    assert output == ""


@pytest.mark.parametrize(("arguments", "named"), [((), "--wechat"), (("--esign", "9200"), "--directory")])
def test_a_missing_argument_is_named(arguments: tuple[str, ...], named: str) -> None:
    command = [sys.executable, "-m", "integrations.local.simulators", *arguments]

    refused = subprocess.run(command, check=False, capture_output=True, text=True)

    assert refused.returncode == 2
    assert named in refused.stderr.rpartition("error:")[2]


async def test_the_e_sign_simulator_keeps_its_keys_and_records_in_a_directory(tmp_path: Path) -> None:
    simulator = SimulatorProcess("esign", "--directory", str(tmp_path))
    simulator.start()
    base = f"http://127.0.0.1:{simulator.port}"
    async with aiohttp.ClientSession() as session:
        http = EsignHttp(session, base, SIMULATED_APP_ID, development_keys(tmp_path).merchant, SystemClock())
        await http.call("/v2/user/addStranger", {"account": "ann", "userType": 2})
        simulator.stop()
        simulator.start()
        with pytest.raises(EsignRefused) as refused:
            await http.call("/v2/user/addStranger", {"account": "ann", "userType": 2})
    simulator.stop()
    output = (simulator.directory / "output.log").read_text()
    simulator.dispose()

    assert refused.value.code == 100021  # the account exists after the restart
    assert output == ""
