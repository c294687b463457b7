"""The running API attacked from its own document: no 5xx, no status that the document does not name."""

import subprocess
import sys
from pathlib import Path

from tests.journeys.attacked import SECRET, furnished
from tests.journeys.people import data_of
from tests.journeys.running import running

ENDS_A_SESSION = ("auth_logout", "miniprogram_sessions_logout")


async def test_nothing_undocumented_comes_out_whatever_anybody_puts_in(tmp_path: Path) -> None:
    """Staff, users and machines, each where the document says that they may go."""
    program = Path(sys.executable).with_name("schemathesis")
    with running(environment={"SERVICE_SECRET": SECRET}) as product:
        let_in = await furnished(product, tmp_path / "schemathesis.toml")

        attack = subprocess.run(
            [
                *(str(program), "run", f"{product.url}/api/docs/openapi.json", "--url", product.url),
                *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
                *("--max-examples", "10", "--seed", "7", "--phases", "examples,coverage,fuzzing"),
                *("--suppress-health-check", "all", "--no-color"),
                *(part for name in ENDS_A_SESSION for part in ("--exclude-operation-id", name)),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=500,
        )

        failures = attack.stdout.partition("FAILURES ===")[2].partition("WARNINGS ===")[0]
        assert attack.returncode == 0, (failures or attack.stdout)[:6000] + attack.stderr[-2000:]
        for path, token in let_in.items():  # what was attacked was more than the gate
            async with product.client(token) as client:
                await data_of(client, path)
