"""Contracts at the e-sign simulator: signing order, rejection, voiding, and the pages where people sign."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.integrations.esign.simulated import SimulatedProvider, simulated
from tests.integrations.local.simulators.test_esign import OK, code, data, ready, state, statuses


@pytest.fixture
async def provider() -> AsyncIterator[SimulatedProvider]:
    async with simulated() as provider:
        yield provider


# Signing order


async def test_signers_sign_in_their_order_and_the_seal_is_set_automatically(provider: SimulatedProvider) -> None:
    await ready(provider)
    seen = [await statuses(provider)]

    await provider.do("C-1", "sign", 409, account="bob")
    await provider.do("C-1", "sign", account="ann")
    seen.append(await statuses(provider))
    after_one = (await state(provider))["status"]
    await provider.do("C-1", "sign")  # the next signer
    await provider.until_status("C-1", 2)

    assert seen == [[1, 3, 3], [2, 1, 3]]
    assert after_one == 1
    assert await statuses(provider) == [2, 2, 2]
    assert all(row["signFinishedTime"] == "2026-05-01 16:00:00" for row in (await state(provider))["signUser"])


async def test_without_an_order_all_signers_can_sign_at_once(provider: SimulatedProvider) -> None:
    await ready(provider, signOrder=1)

    assert (await statuses(provider))[:2] == [1, 1]
    await provider.do("C-1", "sign", account="bob")
    await provider.do("C-1", "sign", account="ann")

    await provider.until_status("C-1", 2)


async def test_the_automatic_seal_can_be_delayed(provider: SimulatedProvider) -> None:
    await provider.knobs(auto_sign_seconds=3600)
    await ready(provider)

    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)

    assert await statuses(provider) == [2, 2, 1]
    assert (await state(provider))["status"] == 1


async def test_a_contract_can_have_the_status_signing_from_its_first_signer_on(provider: SimulatedProvider) -> None:
    await provider.knobs(signing_from_the_start=True)

    await ready(provider)

    assert (await state(provider))["status"] == 1


async def test_signing_twice_or_after_the_end_is_refused(provider: SimulatedProvider) -> None:
    await ready(provider)
    await provider.do("C-1", "sign", account="ann")

    await provider.do("C-1", "sign", 409, account="ann")
    await provider.do("C-1", "reject", account="bob", remark="不同意")
    await provider.do("C-1", "sign", 409, account="bob")
    await provider.do("C-1", "expire")

    assert (await state(provider))["status"] == 4


# Rejection, expiry, withdrawal, voiding


@pytest.mark.parametrize(("action", "status", "sent"), [("expire", 3, "3"), ("fail", -2, "-3"), ("reject", 4, "4")])
async def test_a_callback_is_sent_when_a_contract_ends_unsigned(
    provider: SimulatedProvider, action: str, status: int, sent: str
) -> None:
    await ready(provider)

    await provider.do("C-1", action, remark="太贵了")

    (message,) = await provider.listener.until(1)
    assert (message["status"], message["contractNo"]) == (sent, "C-1")
    assert "account" not in message
    assert (message.get("remark") == "太贵了") is (action == "reject")
    assert (await state(provider))["status"] == status
    assert (await statuses(provider))[0] == (4 if action == "reject" else 1)


async def test_an_unsigned_contract_can_be_withdrawn_once(provider: SimulatedProvider) -> None:
    await ready(provider)
    request = {"contractNo": "C-1", "withdrawReason": "改期"}

    assert await code(provider, "/contract/withdraw", request) == OK
    assert await code(provider, "/contract/withdraw", request) == 101001

    assert ((await state(provider))["status"], (await state(provider))["remark"]) == (7, "改期")
    await provider.do("C-1", "sign", 409, account="ann")


async def test_a_signed_contract_can_only_be_voided_which_every_person_signs(provider: SimulatedProvider) -> None:
    await ready(provider)
    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)
    await provider.until_status("C-1", 2)
    assert await code(provider, "/contract/withdraw", {"contractNo": "C-1"}) == 101000

    void = {"contractNo": "C-1", "validityTime": 15, "notifyUrl": provider.listener.url}
    assert await code(provider, "/contract/cancellation", void) == OK
    await provider.do("C-1", "sign", account="bob")
    halfway = (await state(provider))["status"]
    await provider.do("C-1", "sign", account="ann")

    assert (halfway, (await state(provider))["status"]) == (2, 6)
    assert await code(provider, "/contract/cancellation", void) == 101002
    assert await code(provider, "/contract/withdraw", {"contractNo": "C-1"}) == 101002
    assert (await provider.listener.until(5))[-1]["status"] == "6"


async def test_a_voiding_that_is_not_signed_expires(provider: SimulatedProvider) -> None:
    await ready(provider, seal=False)
    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)
    await data(provider, "/contract/cancellation", {"contractNo": "C-1", "validityTime": 15})

    await provider.advance(15 * 86_400)

    await provider.do("C-1", "sign", 409, account="ann")
    assert (await state(provider))["status"] == 2


async def test_a_deleted_contract_has_its_own_error_code(provider: SimulatedProvider) -> None:
    await ready(provider)

    await provider.do("C-1", "delete")

    assert await code(provider, "/contract/getContract", {"contractNo": "C-1"}) == 100613


# Pages


async def link_of(provider: SimulatedProvider, account: str) -> str:
    rows = (await state(provider))["signUser"]
    return str(next(row["signUrl"] for row in rows if row["account"] == account))


async def visit(provider: SimulatedProvider, url: str, **form: str) -> tuple[int, str, str]:
    """Status, text and redirect target."""
    method = "POST" if form else "GET"
    async with provider.session.request(method, url, data=form or None, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def test_a_person_reads_and_signs_on_the_page(provider: SimulatedProvider) -> None:
    await ready(provider)
    link = await link_of(provider, "ann")

    status, page, _ = await visit(provider, link)
    signed = await visit(provider, link, action="sign")

    assert re.fullmatch(rf"{provider.url}/s/[\w-]{{16,}}", link)
    assert status == 200
    assert "家政服务合同" in page
    assert 'id="sign"' in page
    assert 'id="reject"' in page
    assert (signed[0], "签署成功" in signed[1]) == (200, True)
    assert await statuses(provider) == [2, 1, 3]
    assert (await visit(provider, link))[0] == 410  # the link is valid for one signature
    assert await link_of(provider, "ann") == ""


async def test_a_person_rejects_on_the_page_and_gives_a_reason(provider: SimulatedProvider) -> None:
    await ready(provider)

    status, page, _ = await visit(provider, await link_of(provider, "ann"), action="reject", remark="工资不对")

    assert (status, "已拒绝签署" in page) == (200, True)
    assert ((await state(provider))["status"], (await state(provider))["remark"]) == (4, "工资不对")


async def test_a_contract_that_cannot_be_rejected_has_no_reject_button(provider: SimulatedProvider) -> None:
    await ready(provider, refuseOn=0)

    _, page, _ = await visit(provider, await link_of(provider, "ann"))

    assert 'id="reject"' not in page


async def test_after_signing_the_person_is_redirected_to_the_url_of_the_agency(provider: SimulatedProvider) -> None:
    await ready(provider, redirectUrl="https://agency.example/done")

    status, _, target = await visit(provider, await link_of(provider, "ann"), action="sign")

    assert (status, target) == (302, "https://agency.example/done")


async def test_a_signing_link_expires_after_half_an_hour_and_is_replaced(provider: SimulatedProvider) -> None:
    await ready(provider)
    link = await link_of(provider, "ann")

    await provider.advance(1799)
    assert (await visit(provider, link))[0] == 200
    assert await link_of(provider, "ann") == link
    await provider.advance(1)

    assert (await visit(provider, link))[0] == 410
    assert (await visit(provider, link, action="sign"))[0] == 410
    assert (await visit(provider, await link_of(provider, "ann")))[0] == 200


async def test_an_unknown_link_is_gone(provider: SimulatedProvider) -> None:
    await ready(provider)

    for token in ("x", "0" * 16, "%E7%8E%8B"):
        assert (await visit(provider, f"{provider.url}/s/{token}"))[0] == 410


async def test_values_are_escaped_on_the_pages(provider: SimulatedProvider) -> None:
    texts = dict.fromkeys(("学员姓名", "学员电话", "学员身份证号", "培训费", "培训费大写"), "<script>1</script>")
    await ready(provider, templates=[{"templateNo": "TN-TRAINING", "fillData": texts}])

    _, page, _ = await visit(provider, await link_of(provider, "ann"))
    _, preview, _ = await visit(provider, f"{provider.url}/preview/C-1")

    for shown in (page, preview):
        assert "<script>" not in shown
        assert "&lt;script&gt;1&lt;/script&gt;" in shown
