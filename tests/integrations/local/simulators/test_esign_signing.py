"""How contracts move at the simulated provider: turns, refusals, voiding, and the page where people sign."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.integrations.esign.simulated import Simulated, simulated
from tests.integrations.local.simulators.test_esign import OK, code, data, ready, state, statuses


@pytest.fixture
async def provider() -> AsyncIterator[Simulated]:
    async with simulated() as provider:
        yield provider


# Turns


async def test_signers_wait_for_their_turn_and_the_seal_is_set_by_itself(provider: Simulated) -> None:
    await ready(provider)
    seen = [await statuses(provider)]

    await provider.do("C-1", "sign", 409, account="bob")
    await provider.do("C-1", "sign", account="ann")
    seen.append(await statuses(provider))
    after_one = (await state(provider))["status"]
    await provider.do("C-1", "sign")  # whose turn it is
    await provider.until_status("C-1", 2)

    assert seen == [[1, 3, 3], [2, 1, 3]]
    assert after_one == 1
    assert await statuses(provider) == [2, 2, 2]
    assert all(row["signFinishedTime"] == "2026-05-01 16:00:00" for row in (await state(provider))["signUser"])


async def test_without_an_order_everybody_can_sign_at_once(provider: Simulated) -> None:
    await ready(provider, signOrder=1)

    assert (await statuses(provider))[:2] == [1, 1]
    await provider.do("C-1", "sign", account="bob")
    await provider.do("C-1", "sign", account="ann")

    await provider.until_status("C-1", 2)


async def test_the_seal_can_take_its_time(provider: Simulated) -> None:
    await provider.knobs(auto_sign_seconds=3600)
    await ready(provider)

    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)

    assert await statuses(provider) == [2, 2, 1]
    assert (await state(provider))["status"] == 1


async def test_a_contract_may_count_as_signing_from_its_first_signer_on(provider: Simulated) -> None:
    await provider.knobs(signing_from_the_start=True)

    await ready(provider)

    assert (await state(provider))["status"] == 1


async def test_nobody_signs_twice_or_after_the_end(provider: Simulated) -> None:
    await ready(provider)
    await provider.do("C-1", "sign", account="ann")

    await provider.do("C-1", "sign", 409, account="ann")
    await provider.do("C-1", "reject", account="bob", remark="不同意")
    await provider.do("C-1", "sign", 409, account="bob")
    await provider.do("C-1", "expire")

    assert (await state(provider))["status"] == 4


# Ends


@pytest.mark.parametrize(("deed", "status", "told"), [("expire", 3, "3"), ("fail", -2, "-3"), ("reject", 4, "4")])
async def test_each_end_without_a_contract_is_told(provider: Simulated, deed: str, status: int, told: str) -> None:
    await ready(provider)

    await provider.do("C-1", deed, remark="太贵了")

    (message,) = await provider.listener.until(1)
    assert (message["status"], message["contractNo"]) == (told, "C-1")
    assert "account" not in message
    assert (message.get("remark") == "太贵了") is (deed == "reject")
    assert (await state(provider))["status"] == status
    assert (await statuses(provider))[0] == (4 if deed == "reject" else 1)


async def test_what_is_not_signed_can_be_withdrawn_once(provider: Simulated) -> None:
    await ready(provider)
    request = {"contractNo": "C-1", "withdrawReason": "改期"}

    assert await code(provider, "/contract/withdraw", request) == OK
    assert await code(provider, "/contract/withdraw", request) == 101001

    assert ((await state(provider))["status"], (await state(provider))["remark"]) == (7, "改期")
    await provider.do("C-1", "sign", 409, account="ann")


async def test_what_is_signed_can_only_be_voided_and_every_person_signs_that(provider: Simulated) -> None:
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


async def test_a_void_that_nobody_signs_lapses(provider: Simulated) -> None:
    await ready(provider, seal=False)
    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)
    await data(provider, "/contract/cancellation", {"contractNo": "C-1", "validityTime": 15})

    await provider.advance(15 * 86_400)

    await provider.do("C-1", "sign", 409, account="ann")
    assert (await state(provider))["status"] == 2


async def test_a_deleted_contract_has_a_code_of_its_own(provider: Simulated) -> None:
    await ready(provider)

    await provider.do("C-1", "delete")

    assert await code(provider, "/contract/getContract", {"contractNo": "C-1"}) == 100613


# The page where a person signs


async def link_of(provider: Simulated, account: str) -> str:
    rows = (await state(provider))["signUser"]
    return str(next(row["signUrl"] for row in rows if row["account"] == account))


async def visit(provider: Simulated, url: str, **form: str) -> tuple[int, str, str]:
    """Status, text and where it sends the visitor."""
    method = "POST" if form else "GET"
    async with provider.session.request(method, url, data=form or None, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def test_a_person_reads_and_signs_on_a_page(provider: Simulated) -> None:
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
    assert (await visit(provider, link))[0] == 410  # it was for signing once
    assert await link_of(provider, "ann") == ""


async def test_a_person_refuses_on_a_page_and_says_why(provider: Simulated) -> None:
    await ready(provider)

    status, page, _ = await visit(provider, await link_of(provider, "ann"), action="reject", remark="工资不对")

    assert (status, "已拒绝签署" in page) == (200, True)
    assert ((await state(provider))["status"], (await state(provider))["remark"]) == (4, "工资不对")


async def test_a_contract_that_may_not_be_refused_shows_no_button_for_it(provider: Simulated) -> None:
    await ready(provider, refuseOn=0)

    _, page, _ = await visit(provider, await link_of(provider, "ann"))

    assert 'id="reject"' not in page


async def test_afterwards_the_person_is_sent_where_the_agency_wants(provider: Simulated) -> None:
    await ready(provider, redirectUrl="https://agency.example/done")

    status, _, place = await visit(provider, await link_of(provider, "ann"), action="sign")

    assert (status, place) == (302, "https://agency.example/done")


async def test_a_link_lives_for_half_an_hour_and_then_there_is_another(provider: Simulated) -> None:
    await ready(provider)
    link = await link_of(provider, "ann")

    await provider.advance(1799)
    assert (await visit(provider, link))[0] == 200
    assert await link_of(provider, "ann") == link
    await provider.advance(1)

    assert (await visit(provider, link))[0] == 410
    assert (await visit(provider, link, action="sign"))[0] == 410
    assert (await visit(provider, await link_of(provider, "ann")))[0] == 200


async def test_a_made_up_link_leads_nowhere(provider: Simulated) -> None:
    await ready(provider)

    for token in ("x", "0" * 16, "%E7%8E%8B"):
        assert (await visit(provider, f"{provider.url}/s/{token}"))[0] == 410


async def test_what_people_wrote_is_shown_as_text(provider: Simulated) -> None:
    texts = dict.fromkeys(("学员姓名", "学员电话", "学员身份证号", "培训费", "培训费大写"), "<script>1</script>")
    await ready(provider, templates=[{"templateNo": "TN-TRAINING", "fillData": texts}])

    _, page, _ = await visit(provider, await link_of(provider, "ann"))
    _, preview, _ = await visit(provider, f"{provider.url}/preview/C-1")

    for shown in (page, preview):
        assert "<script>" not in shown
        assert "&lt;script&gt;1&lt;/script&gt;" in shown
