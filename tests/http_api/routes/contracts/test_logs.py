"""Log lines contain no personal numbers and no keys, also after errors."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from integrations.logging import STREAMS, JsonLines
from tests.app_process import KEYS, MACHINE_SECRET
from tests.contract_api import ContractApi, Provider, StaffMember, housekeeping_form
from tests.http_api.routes.contracts.test_reading import known_people


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All lines of the four log streams from level DEBUG, in the format of the product."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in STREAMS}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel("DEBUG")
    yield output
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


async def test_no_log_line_contains_a_personal_number_or_a_key(
    written: io.StringIO, admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    made = await admin.call("POST", "/contracts", await known_people(api))
    contract = await api.sent(made.data["id"])
    phone = contract.customer_phone
    token = await api.mini_program_user(phone)
    link = await api.call("GET", f"/api/miniprogram/contracts/mine/{contract.id}/signing-url", token=token)
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    await api.until(contract.id, lambda c: c.contract_status == "active")
    secret = {"X_Service_Secret": MACHINE_SECRET}
    await api.call("GET", "/api/miniprogram/contracts", query={"phone": phone}, **secret)
    await api.call("POST", f"/api/miniprogram/contracts/{contract.id}/confirm-onboard", {"phone": phone}, **secret)
    await admin.call("GET", f"/contracts/check-customer/{phone}")
    await admin.call("GET", f"/contracts/history/{phone}")
    await admin.call("GET", "/search", query={"q": phone})
    await admin.call("GET", "/contracts/search-by-worker", query={"idCard": contract.worker_id_card})
    await admin.call("POST", f"/contracts/{contract.id}/reveal", {"fields": ["customerIdCard"]})
    await admin.call("PUT", f"/contracts/{contract.id}", {"customerPhone": "13612345678"})
    # Errors produce longer log lines.
    refused = await admin.call("POST", "/contracts", housekeeping_form(2, customerIdCard="110101199003070012"))
    await api.call("POST", "/api/esign/callback", {"contractNo": contract.esign_contract_no, "sign": "forged"})
    provider.state.records.contracts[contract.esign_contract_no].status = 3  # expired although all parties have signed
    await admin.call("POST", f"/contracts/{contract.id}/sync-esign-status", {})
    await provider.fault("/contract/createContract", times=2, code=100004)
    await admin.call("POST", "/contracts", housekeeping_form(3))
    await provider.fault("/v2/user/addStranger", times=2, status=500)
    failing = (await admin.call("POST", "/contracts", housekeeping_form(4))).data["id"]
    await api.until(failing, lambda c: c.esign_attempt is not None and c.esign_attempt.failures > 0)

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    text = written.getvalue()
    personal = [phone, contract.customer_id_card, contract.worker_phone, contract.worker_id_card, "13612345678"]
    personal += [
        housekeeping_form(n)[name] for n in (3, 4) for name in ("customerPhone", "customerIdCard", "workerIdCard")
    ]
    pem = "".join(KEYS.merchant_private_pem.splitlines()[1:-1])
    secrets = [admin.token, token, MACHINE_SECRET, pem[:40], pem[100:140], link.data["signingUrl"], "a key of tests"]
    assert refused.status == 400
    assert {line["stream"] for line in lines} == set(STREAMS)
    assert [value for value in [*personal, *secrets, "110101199003070012"] if value in text] == []
    assert contract.contract_number in text or contract.id in text
