"""All calls of the client against the simulated provider, and their repetitions."""

import asyncio

import pytest

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import FieldKind
from domain.contracts.errors import AlreadySigned, NotSignedYet, SigningRefused, TemplateMissing
from domain.contracts.signing.model import Party
from domain.contracts.statuses import ProviderStatus, SignerRole, SignerState
from domain.shared.errors import UpstreamFailed
from integrations.esign.client import EsignClient
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE
from tests.domain.contracts.builders import id_card
from tests.integrations.esign.simulated import AGENCY, SimulatedProvider, an_order, create, downloaded, send, signed

W, S, D, R = SignerState.WAITING, SignerState.SIGNING, SignerState.SIGNED, SignerState.REJECTED

STRANGER, CREATE, ADD = "/v2/user/addStranger", "/contract/createContract", "/contract/addSigner"
GET, WITHDRAW, VOID = "/contract/getContract", "/contract/withdraw", "/contract/cancellation"
PREVIEW, DOWNLOAD = "/contract/previewContract", "/contract/downloadContract"


async def test_people_sign_in_order_and_the_agencys_seal_is_set_last(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client)

    await send(client, order)
    first = await client.state_of(order.no)
    await provider.do(order.no, "sign", order=1)
    second = await client.state_of(order.no)
    await provider.do(order.no, "sign", order=2)
    await provider.until_status(order.no, 2)
    last = await client.state_of(order.no)

    assert [s.state for s in first.signers] == [S, W, W]
    assert [s.state for s in second.signers] == [D, S, W]
    assert [s.state for s in last.signers] == [D, D, D]
    assert (first.status, second.status, last.status) == (
        ProviderStatus.WAITING,
        ProviderStatus.SIGNING,
        ProviderStatus.COMPLETE,
    )
    assert [s.mark for s in last.signers] == [s.mark for s in order.contract.signers]
    assert last.finished_at == provider.clock.now()
    assert [s.signed_at for s in last.signers] == [provider.clock.now()] * 3


async def test_only_the_current_signer_has_a_link(provider: SimulatedProvider, client: EsignClient) -> None:
    order = an_order(client)
    await send(client, order)

    before = await client.state_of(order.no)
    await provider.do(order.no, "sign", order=1)
    after = await client.state_of(order.no)

    assert [bool(s.link) for s in before.signers] == [True, False, False]
    assert [bool(s.link) for s in after.signers] == [False, True, False]


async def test_in_a_training_the_student_signs_after_the_agencys_seal(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client, training=True)

    await send(client, order)
    await provider.until_signed_by(order.no, 1)

    assert [s.state for s in (await client.state_of(order.no)).signers] == [D, S]


async def test_signers_are_sent_with_order_role_and_validation(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client)

    await send(client, order)

    contract = provider.state.records.contracts[order.no]
    assert [(s.sign_type, s.sign_order, s.mobile, s.seal_no) for s in contract.signers] == [
        (3, 1, "13800000001", ""),
        (3, 2, "13900000001", ""),
        (2, 3, "", AGENCY.seal_no),
    ]
    assert contract.in_sequence
    assert contract.may_refuse
    assert contract.expires_at == provider.clock.now().timestamp() + 30 * 86_400
    assert {contract.notify_url, contract.user_notify_url, contract.callback_url} == {provider.listener.url}


async def test_an_account_is_stable_and_does_not_reveal_the_card_number(client: EsignClient) -> None:
    card = next(card for number in range(99) if (card := id_card(number)).endswith("X"))
    one = Party(role=SignerRole.CUSTOMER, name="王芳", phone="13800138000", id_card=card)
    same = Party(role=SignerRole.WORKER, name="王 芳", phone="13900139000", id_card=card.lower())
    other = one.model_copy(update={"id_card": id_card(8)})

    accounts = [client.account_of(party) for party in (one, same, other)]

    assert accounts[0] == accounts[1] != accounts[2]
    assert card not in accounts[0]
    assert len(accounts[0]) <= 50
    assert client.account_of(client.agency()) == AGENCY.account


async def test_every_call_is_idempotent(provider: SimulatedProvider, client: EsignClient) -> None:
    order = an_order(client)

    await send(client, order)
    await send(client, order)

    assert len(provider.state.records.contracts) == 1
    assert len(provider.state.records.contracts[order.no].signers) == 3
    assert len(provider.state.records.people) == 2
    assert provider.state.calls["/user/setDefaultSeal"] == 1


@pytest.mark.parametrize("path", [STRANGER, CREATE, ADD, "/user/setDefaultSeal", "/template/data"])
async def test_a_lost_response_of_any_call_is_recovered(
    provider: SimulatedProvider, client: EsignClient, path: str
) -> None:
    order = an_order(client)
    await provider.fault(path, lose_answer=True)

    await send(client, order)

    contract = provider.state.records.contracts[order.no]
    assert [signer.sign_mark for signer in contract.signers] == [signer.mark for signer in order.contract.signers]


@pytest.mark.parametrize("path", [STRANGER, CREATE, ADD])
async def test_an_interrupted_sending_continues_where_it_stopped(
    provider: SimulatedProvider, client: EsignClient, path: str
) -> None:
    order = an_order(client)
    await provider.fault(path, times=2, lose_answer=True)
    with pytest.raises(UpstreamFailed):
        await send(client, order)

    await send(client, order)

    assert (await client.state_of(order.no)).signers[0].state is S
    assert len(provider.state.records.contracts) == 1


async def test_a_withdrawal_is_idempotent_and_refused_after_all_signatures(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order, late = an_order(client, 1), an_order(client, 2)
    await send(client, order)
    await signed(provider, client, late)
    await provider.fault(WITHDRAW, lose_answer=True)

    await client.withdraw(order.no, "客户改期" * 20)
    await client.withdraw(order.no, "客户改期")
    with pytest.raises(AlreadySigned):
        await client.withdraw(late.no, "客户改期")

    state = await client.state_of(order.no)
    assert (state.status, state.remark) == (ProviderStatus.WITHDRAWN, ("客户改期" * 20)[:50])
    assert (await client.state_of(late.no)).status is ProviderStatus.COMPLETE


async def test_a_contract_is_void_once_all_persons_have_signed_the_voiding(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client)
    await signed(provider, client, order)
    await provider.fault(VOID, lose_answer=True)

    await client.void(order.no)
    await provider.do(order.no, "sign", order=1)
    await client.void(order.no)  # a repetition keeps the first signature
    halfway = await client.state_of(order.no)
    await provider.do(order.no, "sign", order=2)

    assert halfway.status is ProviderStatus.COMPLETE
    assert (await client.state_of(order.no)).status is ProviderStatus.VOIDED
    await client.void(order.no)


async def test_a_refusal_has_the_signer_and_the_reason(provider: SimulatedProvider, client: EsignClient) -> None:
    order = an_order(client)
    await send(client, order)
    await provider.do(order.no, "sign", order=1)

    await provider.do(order.no, "reject", order=2, remark="工资不对")

    state = await client.state_of(order.no)
    assert (state.status, state.remark) == (ProviderStatus.REJECTED, "工资不对")
    assert [s.state for s in state.signers] == [D, R, W]


async def test_a_signing_attempt_expires_after_thirty_days(provider: SimulatedProvider, client: EsignClient) -> None:
    order = an_order(client)
    await send(client, order)

    await provider.advance(30 * 86_400)

    assert (await client.state_of(order.no)).status is ProviderStatus.EXPIRED


async def test_a_contract_that_the_provider_deleted_has_failed(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    order = an_order(client)
    await send(client, order)

    await provider.do(order.no, "delete")

    assert (await client.state_of(order.no)).status is ProviderStatus.FAILED


async def test_templates_list_the_fields_of_the_sender(client: EsignClient) -> None:
    listed = await client.templates()
    template = await client.template(HOUSEKEEPING_TEMPLATE)

    fillable = template.fillable()
    assert {each.template_no for each in listed} == {HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE}
    assert all(each.name and each.category for each in listed)
    assert fillable["服务内容"].kind is FieldKind.CHOICES
    assert fillable["服务内容"].options[:2] == ("照顾老人", "辅助照顾老人")
    assert fillable["阿姨身份证"].required
    assert not {"甲方", "乙方", "丙方"} & set(fillable)
    with pytest.raises(TemplateMissing):
        await client.template("TN-NONE")


async def test_filled_values_arrive_at_the_provider(provider: SimulatedProvider, client: EsignClient) -> None:
    params = {"服务内容": ("照顾老人", "做饭"), "休息方式": "单休", "服务类型": "保洁", "同意保险条款": "是"}
    order = an_order(client, template_params={**params, "服务备注": "带 宠物\n每周两次"})

    await send(client, order)

    sent = provider.state.records.contracts[order.no].templates[0]
    assert sent["templateNo"] == HOUSEKEEPING_TEMPLATE
    assert sent["fillData"]["阿姨工资大写"] == "捌仟捌佰元整"
    assert sent["fillData"]["服务备注"] == "带 宠物\n每周两次"
    assert all(isinstance(value, str) for value in sent["fillData"].values())
    assert {part["keyword"]: part for part in sent["componentData"]} == {
        "服务内容": {
            "type": 9,
            "keyword": "服务内容",
            "options": [{"index": place, "selected": place in (0, 3)} for place in range(5)],
        },
        "休息方式": {"type": 2, "keyword": "休息方式", "options": [{"index": 0, "selected": True}]},
        "服务类型": {"type": 16, "keyword": "服务类型", "options": [{"index": 5, "selected": True}]},
        "同意保险条款": {"type": 3, "keyword": "同意保险条款", "defaultValue": "Yes"},
    }


async def test_characters_that_the_provider_forbids_are_removed_from_a_title(
    provider: SimulatedProvider, client: EsignClient
) -> None:
    await create(client, an_order(client, 1), '王芳"<月嫂>?😀|:*/\\合同')
    await create(client, an_order(client, 2), "长" * 200)
    await create(client, an_order(client, 3), "???")

    names = [contract.name for contract in provider.state.records.contracts.values()]
    assert names == ["王芳月嫂合同", "长" * 120, an_order(client, 3).no]


async def test_the_provider_refuses_an_incomplete_template(client: EsignClient) -> None:
    empty = TemplateValues(texts={}, choices={}, checks={}, fields={})

    with pytest.raises(SigningRefused) as refused:
        await client.create(an_order(client).attempt, "合同", empty)

    assert refused.value.details == {"providerCode": 100626}


async def test_a_preview_is_a_url(client: EsignClient) -> None:
    order = an_order(client)
    await send(client, order)

    url = await client.preview(order.no, order.contract.signers[0].account)

    assert url.endswith(f"/preview/{order.no}")


async def test_an_unsigned_contract_cannot_be_downloaded(client: EsignClient) -> None:
    order = an_order(client)
    await send(client, order)

    with pytest.raises((NotSignedYet, SigningRefused)):
        await downloaded(client, order.no)


async def test_concurrent_contracts_do_not_mix(provider: SimulatedProvider, client: EsignClient) -> None:
    orders = [an_order(client, number) for number in range(1, 21)]

    await asyncio.gather(*(send(client, order) for order in orders))

    for order in orders:
        state = await client.state_of(order.no)
        assert [s.account for s in state.signers] == [s.account for s in order.contract.signers]
