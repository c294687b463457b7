"""Starting, sending and following a signing attempt."""

import asyncio
from typing import Any

import pytest

from domain.contracts.drafting.templates import FieldKind, TemplateField
from domain.contracts.errors import (
    ContractVersionConflict,
    LinksNotReady,
    NotSignedYet,
    PartiesIncomplete,
    SigningRefused,
    SuccessorExists,
    TemplateMismatch,
    TransitionNotAllowed,
    WorkerBlacklisted,
)
from domain.contracts.history import Cause
from domain.contracts.signing.model import ProviderSigner, merge_signers
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerRole, SignerState
from domain.shared.authority import Role
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from tests.domain.contracts.builders import NOW, a_contract, acting, active, signing, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import in_force, sent, start_signing, sync

BOSS, EMPLOYEE = staff(Role.ADMIN), staff(Role.EMPLOYEE)
ACTOR = acting(BOSS)
S = ContractStatus
W, D = SignerState.WAITING, SignerState.SIGNED


async def test_the_attempt_is_stored_before_the_provider_is_called(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [
        None,
        UpstreamFailed(),
        UpstreamFailed(),
    ]  # the template lookup succeeds, sending fails

    started = await start_signing(harness, contract)

    assert started.contract_status is S.SIGNING
    assert started.esign_attempt is not None
    assert (started.esign_attempt.number, started.esign_attempt.sent) == (1, False)
    assert started.esign_contract_no == f"{contract.contract_number}-1"
    assert [signer.mark for signer in started.signers] == [
        f"{contract.id}:{role}:1" for role in ("customer", "worker", "agency")
    ]
    assert harness.provider.processes == {}


async def test_people_sign_in_person_and_only_the_agency_signs_automatically(harness: ContractsHarness) -> None:
    home, course = await sent(harness, 1), await sent(harness, 2, training=True)

    assert [(s.role, s.sign_order, s.auto) for s in home.signers] == [
        (SignerRole.CUSTOMER, 1, False),
        (SignerRole.WORKER, 2, False),
        (SignerRole.AGENCY, 3, True),
    ]
    assert [(s.role, s.sign_order, s.auto) for s in course.signers] == [
        (SignerRole.AGENCY, 1, True),
        (SignerRole.CUSTOMER, 2, False),
    ]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"customer_id_card": ""}, ["customerIdCard"]),
        ({"worker_id_card": ""}, ["workerIdCard"]),
        ({"esign_template_no": ""}, ["esignTemplateNo"]),
        ({"training": True, "service_fee_amount_fen": None, "course_amount_fen": None}, ["serviceFeeAmount"]),
    ],
)
async def test_fields_that_signing_requires_are_named(
    harness: ContractsHarness, fields: dict[str, Any], missing: list[str]
) -> None:
    contract = await harness.add(a_contract(**fields))

    with pytest.raises(PartiesIncomplete) as refused:
        await start_signing(harness, contract)

    assert refused.value.details == {"missing": missing}
    assert await harness.contract_now(contract.id) == contract


async def test_an_incomplete_template_is_refused_when_signing_starts(harness: ContractsHarness) -> None:
    harness.provider.controls = (TemplateField(key="必填", kind=FieldKind.TEXT, required=True),)
    contract = await harness.add(a_contract())

    with pytest.raises(TemplateMismatch):
        await start_signing(harness, contract)

    assert (await harness.contract_now(contract.id)).contract_status is S.DRAFT


async def test_signing_is_refused_for_a_worker_who_was_blacklisted_meanwhile(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.people.blacklisted = {contract.worker_phone}

    with pytest.raises(WorkerBlacklisted):
        await start_signing(harness, contract)


async def test_simultaneous_starts_create_one_attempt(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())

    outcomes = await asyncio.gather(*(start_signing(harness, contract) for _ in range(3)), return_exceptions=True)
    after = await sync(harness, contract.id)

    assert sorted(type(each).__name__ for each in outcomes) == [
        "Contract",
        "TransitionNotAllowed",
        "TransitionNotAllowed",
    ]
    assert after.attempt_number == 1
    assert list(harness.provider.processes) == [after.esign_contract_no]


async def test_starting_with_an_outdated_version_conflicts(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    changed = contract.changed(harness.clock.now(), Cause.EDITED, ACTOR_BY, edited_version=2, remarks="新")
    await harness.contracts.save(changed, [])

    with pytest.raises(ContractVersionConflict):
        await start_signing(harness, contract, expected_version=1)


ACTOR_BY = a_contract().history[0].by


@pytest.mark.parametrize("failures", range(1, 7))
async def test_an_interrupted_sending_continues_where_it_stopped(harness: ContractsHarness, failures: int) -> None:
    """The steps are: template, three registrations, contract, signers. Each of them fails once."""
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, *[None] * (failures - 1), UpstreamTimedOut()]
    await start_signing(harness, contract)
    unsent = await sync(harness, contract.id)

    harness.clock.advance(minutes=10)
    await harness.services.reconciler.sweep()
    after = await harness.contract_now(contract.id)

    assert unsent.contract_status is after.contract_status is S.SIGNING
    assert after.esign_attempt is not None
    assert (after.esign_attempt.number, after.esign_attempt.sent, after.esign_attempt.problem) == (1, True, "")
    assert len(harness.provider.processes) == 1


async def test_a_permanent_refusal_cancels_the_contract_with_the_providers_code(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, None, SigningRefused(providerCode=100577)]
    await start_signing(harness, contract)

    failed = await sync(harness, contract.id)

    assert (failed.contract_status, failed.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)
    assert "100577" in failed.cancel_note


async def test_links_are_not_ready_before_everything_is_sent(harness: ContractsHarness) -> None:
    contract = await harness.add(a_contract())
    harness.provider.failures = [None, *[UpstreamFailed()] * 3]
    started = await start_signing(harness, contract)

    with pytest.raises(LinksNotReady):
        await harness.services.signing.links.of_contract(started)
    with pytest.raises(NotSignedYet):
        await harness.services.signing.links.of_contract(contract)


async def test_each_signature_has_a_history_entry_and_the_last_brings_the_contract_into_force(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness)
    no = contract.esign_contract_no

    for index in (0, 1, 2):
        harness.provider.sign(no, index)
        contract = await sync(harness, contract.id)

    C = Cause
    steps = [C.CREATED, C.INITIATED, C.SENT, C.NEXT_SIGNER, C.SIGNER_ACTED, C.SIGNER_ACTED, C.ALL_SIGNED]
    assert [entry.cause for entry in contract.history] == steps
    assert [entry.note_text("zh") for entry in contract.history[3:6]] == ["", "客户已签署", "阿姨已签署"]
    assert [entry.note_text("en") for entry in contract.history[3:6]] == [
        "",
        "Signed by: Customer",
        "Signed by: Worker",
    ]
    assert contract.contract_status is S.ACTIVE
    assert contract.signed_snapshot is not None
    assert contract.esign_next_poll_at is None


async def test_the_signature_of_one_party_does_not_complete_the_contract(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    harness.provider.sign(contract.esign_contract_no, 2)  # the agency's seal

    after = await sync(harness, contract.id)

    assert (after.contract_status, after.esign_status) == (S.SIGNING, "signing")
    assert after.signed_snapshot is None


async def test_repeated_state_queries_change_nothing(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    events = len(harness.contracts.events)

    for _ in range(3):
        await sync(harness, contract.id)

    assert len(harness.contracts.events) == events
    assert await harness.contract_now(contract.id) == contract


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ProviderStatus.EXPIRED, CancelReason.EXPIRED),
        (ProviderStatus.REJECTED, CancelReason.REJECTED),
        (ProviderStatus.WITHDRAWN, CancelReason.WITHDRAWN),
        (ProviderStatus.FAILED, CancelReason.FAILED),
    ],
)
async def test_each_unsuccessful_end_has_its_reason_and_allows_a_new_attempt(
    harness: ContractsHarness, status: ProviderStatus, reason: CancelReason
) -> None:
    contract = await sent(harness)
    harness.provider.processes[contract.esign_contract_no].status = status

    ended = await sync(harness, contract.id)
    await start_signing(harness, ended, again=True)
    again = await sync(harness, contract.id)

    assert (ended.contract_status, ended.cancel_reason) == (S.CANCELLED, reason)
    assert (again.contract_status, again.attempt_number, again.cancel_reason) == (S.SIGNING, 2, None)
    assert again.esign_contract_no == f"{contract.contract_number}-2"
    assert all(signer.state is not D for signer in again.signers)


async def test_an_unclear_status_changes_nothing_and_logs_an_error(
    harness: ContractsHarness, caplog: pytest.LogCaptureFixture
) -> None:
    contract = await sent(harness)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.UNCLEAR

    after = await sync(harness, contract.id)

    assert after.contract_status is S.SIGNING
    assert "contract.provider_contradicts" in caplog.text


async def test_a_state_of_an_earlier_attempt_is_ignored(harness: ContractsHarness) -> None:
    contract = await sent(harness)
    first = contract.esign_contract_no
    harness.provider.processes[first].status = ProviderStatus.EXPIRED
    await start_signing(harness, await sync(harness, contract.id), again=True)
    await sync(harness, contract.id)

    harness.provider.sign_all(first)
    await harness.services.callbacks.receive({"contractNo": first, "status": "2"})
    after = await sync(harness, contract.id)

    assert (after.contract_status, after.attempt_number) == (S.SIGNING, 2)
    assert all(signer.state is not D for signer in after.signers)


async def test_a_second_successor_of_the_same_contract_is_refused(harness: ContractsHarness) -> None:
    original = await harness.add(active(3))
    follows: dict[str, Any] = {"additional_order": True, "replaces_contract_id": original.id}
    ended = await harness.add(
        signing(1, **follows).with_fields(contract_status=S.CANCELLED, cancel_reason=CancelReason.EXPIRED)
    )
    await harness.add(a_contract(2, **follows))

    with pytest.raises(SuccessorExists):
        await start_signing(harness, ended, again=True)


@pytest.mark.parametrize("link", ["replaces_contract_id", "renews_contract_id"])
@pytest.mark.parametrize("status", [S.REPLACED, S.CANCELLED])
async def test_a_successor_of_an_ended_contract_is_not_sent(
    harness: ContractsHarness, link: str, status: ContractStatus
) -> None:
    original = await harness.add(active(3).with_fields(contract_status=status))
    follows: dict[str, Any] = {"additional_order": True, link: original.id}
    draft = await harness.add(a_contract(2, **follows))

    with pytest.raises(TransitionNotAllowed) as refused:
        await start_signing(harness, draft)

    assert refused.value.details == {"current": str(status), "hindrance": "original_not_in_force"}


def test_a_signer_is_matched_by_mark_or_by_the_whole_account() -> None:
    signers = signing().signers

    def states_after_report_of(mark: str, account: str) -> list[SignerState]:
        reported = (ProviderSigner(mark=mark, account=account, state=D),)
        return [signer.state for signer in merge_signers(signers, reported)]

    assert states_after_report_of(signers[1].mark, "another account") == [W, D, W]
    assert states_after_report_of("", signers[1].account) == [W, D, W]
    assert states_after_report_of("", f"{signers[1].account}_1") == [W, W, W]
    assert states_after_report_of("", "公司") == [W, W, W]


def test_an_outdated_signer_state_does_not_undo_a_signature() -> None:
    signers = signing().signers
    done = merge_signers(signers, (ProviderSigner(mark=signers[0].mark, account="", state=D, signed_at=NOW),))

    late = merge_signers(done, (ProviderSigner(mark=signers[0].mark, account="", state=SignerState.SIGNING),))

    assert late == done
