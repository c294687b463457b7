"""Fuzzes the running API from its OpenAPI document: no 5xx, no undocumented status."""

import os
import subprocess
import sys
from pathlib import Path

from tests.journeys.support.fuzzing_data import SECRET, populate
from tests.journeys.support.people import data_of
from tests.journeys.support.running import running

EXAMPLES = os.environ.get("API_FUZZ_EXAMPLES", "")
"""Of each operation. Without it a small form runs: two examples, and no boundary values of each parameter."""
PHASES = "examples,coverage,fuzzing" if EXAMPLES else "examples,fuzzing"
LOGOUT_PATHS = ("/api/auth/logout", "/api/miniprogram-users/logout")
"""Not fuzzed: they would end the sessions that the fuzzer uses."""


async def test_the_api_never_answers_with_an_undocumented_status(tmp_path: Path) -> None:
    """Requests with the credentials of staff, users and machines, each where the document allows them."""
    program = Path(sys.executable).with_name("schemathesis")
    with running(environment={"SERVICE_SECRET": SECRET}) as product:
        tokens = await populate(product, tmp_path / "schemathesis.toml")

        run = subprocess.run(
            [
                *(str(program), "run", f"{product.url}/api/docs/openapi.json", "--url", product.url),
                *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
                *("--max-examples", EXAMPLES or "2", "--seed", "7", "--phases", PHASES),
                *("--suppress-health-check", "all", "--no-color"),
                *(part for path in LOGOUT_PATHS for part in ("--exclude-path", path)),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=500,
        )

        failures = run.stdout.partition("FAILURES ===")[2].partition("WARNINGS ===")[0]
        assert run.returncode == 0, (failures or run.stdout)[:6000] + run.stderr[-2000:]
        for path, token in tokens.items():  # the requests passed the authentication: the sessions are still alive
            async with product.client(token) as client:
                await data_of(client, path)
