"""Links to sign: fresh when somebody wants to sign, for whoever can sign now, and for nobody else."""

import pytest

from domain.contracts.data_scope import EVERYTHING
from domain.contracts.errors import ContractNotFound, LinksNotReady, NoSuchSigner, NotSignedYet, TransitionNotAllowed
from domain.contracts.statuses import ContractStatus, ProviderStatus, SignerRole, SignerState
from domain.shared.errors import UpstreamFailed
from tests.domain.contracts.builders import a_contract
from tests.domain.contracts.fakes import Office
from tests.domain.contracts.stories import ACTOR, BOSS, begin, in_force, sent, sync

S = ContractStatus


async def test_only_whoever_can_sign_now_gets_a_link_and_the_seal_is_not_among_them(office: Office) -> None:
    contract = await sent(office)
    links = office.services.signing.links

    first = await links.of(contract)
    office.provider.sign(contract.esign_contract_no, 0)
    office.provider.processes[contract.esign_contract_no].states[1] = SignerState.SIGNING
    second = await links.of(contract)

    assert [(link.role, link.sign_url) for link in first] == [
        (SignerRole.CUSTOMER, "link-customer"),
        (SignerRole.WORKER, ""),
    ]
    assert [(link.state, link.sign_url) for link in second] == [
        (SignerState.SIGNED, ""),
        (SignerState.SIGNING, "link-worker"),
    ]


async def test_whoever_asks_for_a_link_finds_out_what_nobody_told(office: Office) -> None:
    contract = await sent(office)
    office.provider.sign_all(contract.esign_contract_no)

    await office.services.signing.links.of(contract)

    await office.until(lambda: office.status_of(contract.id) is S.ACTIVE)


async def test_after_the_end_there_is_nothing_to_sign_and_nobody_is_asked(office: Office) -> None:
    contract = await in_force(office)
    asked = len(office.provider.calls)

    links = await office.services.signing.links.of(contract)

    assert [(link.state, link.sign_url) for link in links] == [(SignerState.SIGNED, "")] * 2
    assert len(office.provider.calls) == asked


async def test_once_a_void_was_taken_everybody_has_a_link_to_sign_that(office: Office) -> None:
    contract = await in_force(office)

    void = await office.services.signing.void(contract.id, "协商", BOSS, ACTOR)

    links = await office.services.signing.links.of(void)
    assert [link.sign_url for link in links] == ["link-customer", "link-worker"]


async def test_somebody_who_does_not_sign_has_no_link(office: Office) -> None:
    contract = await sent(office, training=True)

    with pytest.raises(NoSuchSigner):
        await office.services.signing.links.for_role(contract, SignerRole.WORKER)


async def test_a_customer_gets_the_link_of_their_own_contract(office: Office) -> None:
    contract, draft = await sent(office), await office.add(a_contract(2))
    customers = office.services.customers

    link = await customers.sign_link(contract.id, contract.customer_phone)

    assert (link.role, link.sign_url) == (SignerRole.CUSTOMER, "link-customer")
    for contract_id, phone in (
        (contract.id, "13800009999"),
        (contract.id, contract.worker_phone),
        (contract.id, ""),
        (draft.id, draft.customer_phone),  # the agency's own business yet
        ("f" * 24, contract.customer_phone),
    ):
        with pytest.raises(ContractNotFound):
            await customers.sign_link(contract_id, phone)


async def test_a_customer_of_what_was_cancelled_is_told_so(office: Office) -> None:
    contract = await sent(office)
    office.provider.processes[contract.esign_contract_no].standing = ProviderStatus.EXPIRED
    await sync(office, contract.id)

    with pytest.raises(TransitionNotAllowed):
        await office.services.customers.sign_link(contract.id, contract.customer_phone)


async def test_a_customer_who_comes_too_early_makes_the_sending_go_on(office: Office) -> None:
    contract = await office.add(a_contract())
    office.provider.failures = [None, UpstreamFailed(), UpstreamFailed()]
    await begin(office, contract)
    await sync(office, contract.id)
    office.provider.failures.clear()

    with pytest.raises(LinksNotReady):
        await office.services.customers.sign_link(contract.id, contract.customer_phone)

    await office.until(lambda: office.provider.count("add_signers") == 1)


async def test_customers_see_what_was_put_before_them_and_nothing_else(office: Office) -> None:
    contract = await sent(office)
    await office.add(a_contract(2, customer_phone=contract.customer_phone, additional_order=True))

    mine = await office.services.customers.list_of(contract.customer_phone)

    assert [each.id for each in mine] == [contract.id]


async def test_a_preview_is_there_while_it_is_being_signed(office: Office) -> None:
    contract = await sent(office)

    url = await office.services.signing.preview(contract.id, EVERYTHING)

    assert url.endswith(contract.esign_contract_no)
    draft = await office.add(a_contract(2))
    with pytest.raises(TransitionNotAllowed):
        await office.services.signing.preview(draft.id, EVERYTHING)


async def test_the_paper_is_there_once_everybody_has_signed(office: Office) -> None:
    contract, unsigned = await in_force(office, 1), await sent(office, 2)
    signing = office.services.signing

    assert (await signing.signed_contract(contract.id, EVERYTHING)).id == contract.id
    with pytest.raises(NotSignedYet):
        await signing.signed_contract(unsigned.id, EVERYTHING)
    void = await signing.void(contract.id, "", BOSS, ACTOR)
    assert (await signing.signed_contract(void.id, EVERYTHING)).id == contract.id
