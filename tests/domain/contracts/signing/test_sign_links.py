"""Sign links, previews and documents, for staff and for customers."""

import pytest

from domain.contracts.errors import ContractNotFound, LinksNotReady, NoSuchSigner, NotSignedYet, TransitionNotAllowed
from domain.contracts.statuses import ContractStatus, ProviderStatus, SignerRole, SignerState
from domain.shared.errors import UpstreamFailed
from domain.shared.scope import EVERYTHING
from tests.domain.contracts.builders import a_contract
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, in_force, sent, start_signing, sync

S = ContractStatus


async def test_only_the_current_signer_has_a_link_and_the_agency_has_none(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    links = harness.services.signing.links

    first = await links.of_contract(contract)
    harness.provider.sign(contract.esign_contract_no, 0)
    harness.provider.processes[contract.esign_contract_no].states[1] = SignerState.SIGNING
    second = await links.of_contract(contract)

    assert [(link.role, link.sign_url) for link in first] == [
        (SignerRole.CUSTOMER, "link-customer"),
        (SignerRole.WORKER, ""),
    ]
    assert [(link.state, link.sign_url) for link in second] == [
        (SignerState.SIGNED, ""),
        (SignerState.SIGNING, "link-worker"),
    ]


async def test_requesting_links_notices_signatures_without_a_callback(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.sign_all(contract.esign_contract_no)

    await harness.services.signing.links.of_contract(contract)

    await harness.until(lambda: harness.status_of(contract.id) is S.ACTIVE)


async def test_links_of_a_signed_contract_are_empty_without_a_provider_call(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    asked = len(harness.provider.calls)

    links = await harness.services.signing.links.of_contract(contract)

    assert [(link.state, link.sign_url) for link in links] == [(SignerState.SIGNED, "")] * 2
    assert len(harness.provider.calls) == asked


async def test_all_persons_have_links_to_sign_an_accepted_voiding(harness: ContractsHarness) -> None:
    contract = await in_force(harness)

    void = await harness.services.signing.void(contract.id, "协商", BOSS, ACTOR)

    links = await harness.services.signing.links.of_contract(void)
    assert [link.sign_url for link in links] == ["link-customer", "link-worker"]


async def test_a_role_that_does_not_sign_has_no_link(harness: ContractsHarness) -> None:
    contract = await sent(harness, training=True)

    with pytest.raises(NoSuchSigner):
        await harness.services.signing.links.for_role(contract, SignerRole.WORKER)


async def test_a_customer_gets_the_sign_link_of_their_own_contract_only(harness: ContractsHarness) -> None:
    contract, draft = await sent(harness), await harness.add(a_contract(2))
    customers = harness.services.customers

    link = await customers.sign_link(contract.id, contract.customer_phone)

    assert (link.role, link.sign_url) == (SignerRole.CUSTOMER, "link-customer")
    for contract_id, phone in (
        (contract.id, "13800009999"),
        (contract.id, contract.worker_phone),
        (contract.id, ""),
        (draft.id, draft.customer_phone),  # customers do not see drafts
        ("f" * 24, contract.customer_phone),
    ):
        with pytest.raises(ContractNotFound):
            await customers.sign_link(contract_id, phone)


async def test_a_customer_gets_no_link_of_a_cancelled_contract(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.EXPIRED
    await sync(harness, contract.id)

    with pytest.raises(TransitionNotAllowed):
        await harness.services.customers.sign_link(contract.id, contract.customer_phone)


async def test_requesting_a_link_before_sending_continues_the_sending(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, UpstreamFailed(), UpstreamFailed()]
    await start_signing(harness, contract)
    await sync(harness, contract.id)
    harness.provider.failures.clear()

    with pytest.raises(LinksNotReady):
        await harness.services.customers.sign_link(contract.id, contract.customer_phone)

    await harness.until(lambda: harness.provider.count("add_signers") == 1)


async def test_customers_do_not_see_drafts(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    await harness.add(a_contract(2, customer_phone=contract.customer_phone, additional_order=True))

    mine = await harness.services.customers.list_of(contract.customer_phone)

    assert [each.id for each in mine] == [contract.id]


async def test_a_preview_is_available_from_the_start_of_signing(harness: ContractsHarness) -> None:
    contract = await sent(harness)

    url = await harness.services.signing.preview(contract.id, EVERYTHING)

    assert url.endswith(contract.esign_contract_no)
    draft = await harness.add(a_contract(2))
    with pytest.raises(TransitionNotAllowed):
        await harness.services.signing.preview(draft.id, EVERYTHING)


async def test_the_document_is_available_after_all_parties_have_signed(harness: ContractsHarness) -> None:
    contract, unsigned = await in_force(harness, 1), await sent(harness, 2)
    signing = harness.services.signing

    assert (await signing.signed_contract(contract.id, EVERYTHING)).id == contract.id
    with pytest.raises(NotSignedYet):
        await signing.signed_contract(unsigned.id, EVERYTHING)
    void = await signing.void(contract.id, "", BOSS, ACTOR)
    assert (await signing.signed_contract(void.id, EVERYTHING)).id == contract.id
