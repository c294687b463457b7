"""The running API attacked from its own document: no 5xx, no status that the document does not name."""

import subprocess
import sys
from pathlib import Path

from tests.journeys.people import log_in
from tests.journeys.running import Product

OWN_ACCOUNT = r"^/api/miniprogram-users/(info|update-profile|phone|password|register|login|refresh)"


def attack(product: Product, token: str, folder: Path, *narrowed: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [
            *(str(program), "run", f"{product.url}/api/docs/openapi.json", "--url", product.url),
            *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
            *("--header", f"Authorization: Bearer {token}", "--max-examples", "15", "--seed", "7"),
            *("--phases", "examples,coverage,fuzzing", "--no-color", "--suppress-health-check", "all"),
            *narrowed,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=400,
    )


async def test_nothing_undocumented_comes_out_whatever_staff_put_in(product: Product, tmp_path: Path) -> None:
    token = await product.admin_token()

    done = attack(product, token, tmp_path, "--exclude-operation-id", "auth_logout")

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


async def test_nothing_undocumented_comes_out_whatever_a_user_puts_in(product: Product, tmp_path: Path) -> None:
    async with product.client() as client:
        user = await log_in(client, "oContract000000000000000001")
        done = attack(product, user["accessToken"], tmp_path, "--include-path-regex", OWN_ACCOUNT)

        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        # It was let in: what was attacked was more than the gate.
        answer = await client.get(
            "/api/miniprogram-users/info", headers={"Authorization": f"Bearer {user['accessToken']}"}
        )
        assert answer.status == 200
