"""The running API attacked from its own document: no 5xx, no status that the document does not name."""

import subprocess
import sys
from pathlib import Path

from tests.journeys.running import Product


async def test_nothing_undocumented_comes_out_whatever_goes_in(product: Product, tmp_path: Path) -> None:
    token = await product.admin_token()
    program = Path(sys.executable).with_name("schemathesis")

    attack = subprocess.run(
        [
            *(str(program), "run", f"{product.url}/api/docs/openapi.json", "--url", product.url),
            *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
            *("--header", f"Authorization: Bearer {token}", "--max-examples", "15", "--seed", "7"),
            *("--phases", "examples,coverage,fuzzing", "--exclude-operation-id", "auth_logout", "--no-color"),
            *("--suppress-health-check", "all"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=400,
    )

    assert attack.returncode == 0, attack.stdout[-6000:] + attack.stderr[-2000:]
