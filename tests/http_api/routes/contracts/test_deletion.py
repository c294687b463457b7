"""Routes of deletion: requests, decisions by administrators, and immediate deletion."""

import asyncio

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember

REASON = {"reason": "重复录入"}


async def test_an_approved_request_deletes_the_contract(admin: StaffMember, api: ContractApi) -> None:
    operator = await api.staff(Role.OPERATOR, "小李")
    contract_id = await operator.create()

    asked = await operator.call("POST", f"/contracts/{contract_id}/request-deletion", REASON)
    pending = (await operator.call("GET", f"/contracts/{contract_id}")).data["pendingDeletion"]
    approved = await admin.call("POST", f"/contract-approvals/{asked.data['id']}/approve", {"comment": "同意"})

    assert (asked.status, pending["reason"]) == (201, "重复录入")
    assert (approved.status, approved.data["status"]) == (200, "approved")
    assert (await operator.call("GET", f"/contracts/{contract_id}")).status == 404
    assert (await operator.call("GET", "/contracts?showAll=true")).data["total"] == 0
    assert (await api.stores.contracts.contracts.collection.count_documents({"deletedAt": {"$ne": None}})) == 1


async def test_the_author_sees_their_request_and_its_decision(admin: StaffMember, api: ContractApi) -> None:
    operator, manager = await api.staff(Role.OPERATOR, "小李"), await api.staff(Role.MANAGER)
    contract_id = await operator.create()
    asked = await operator.call("POST", f"/contracts/{contract_id}/request-deletion", REASON)
    path = f"/contract-approvals/{asked.data['id']}"
    refused = await admin.call("POST", f"{path}/reject", {"comment": "仍需保留"})

    own = await operator.call("GET", path)
    listed = await operator.call("GET", "/contract-approvals/my-requests")

    assert refused.status == 200
    assert (own.data["status"], own.data["approvalComment"], own.data["requestedByName"]) == (
        "rejected",
        "仍需保留",
        "小李",
    )
    assert [each["id"] for each in listed.data["approvals"]] == [asked.data["id"]]
    assert (await manager.call("GET", path)).status == 404
    everything = await admin.call("GET", "/contract-approvals", query={"status": "rejected"})
    assert (everything.data["total"], everything.data["totalPages"]) == (1, 1)
    assert (await operator.call("GET", f"/contracts/{contract_id}")).status == 200


async def test_a_rejection_needs_a_reason_and_a_request_is_decided_once(admin: StaffMember, api: ContractApi) -> None:
    contract_id = await admin.create()
    asked = await admin.call("POST", f"/contracts/{contract_id}/request-deletion", REASON)
    path = f"/contract-approvals/{asked.data['id']}"

    without_reason = await admin.call("POST", f"{path}/reject", {"comment": " "})
    decided = await asyncio.gather(
        *(admin.call("POST", f"{path}/reject", {"comment": "不删"}) for _ in range(3)),
    )

    assert (without_reason.status, without_reason.code) == (400, "INVALID_REQUEST")
    assert sorted(answer.status for answer in decided) == [200, 409, 409]
    assert {answer.code for answer in decided} == {None, "APPROVAL_DECIDED"}


async def test_a_contract_has_one_pending_request_at_a_time(admin: StaffMember) -> None:
    contract_id = await admin.create()

    answers = await asyncio.gather(
        *(admin.call("POST", f"/contracts/{contract_id}/request-deletion", REASON) for _ in range(3))
    )

    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert {answer.code for answer in answers} == {None, "DELETION_PENDING"}


async def test_a_contract_that_was_signed_or_can_be_signed_is_not_deleted(
    admin: StaffMember, provider: Provider
) -> None:
    signing, active = await admin.signing(1), await admin.active(provider, 2)

    for contract in (signing, active):
        asked = await admin.call("POST", f"/contracts/{contract.id}/request-deletion", REASON)
        deleted = await admin.call("DELETE", f"/contracts/{contract.id}", REASON)
        assert [(each.status, each.code) for each in (asked, deleted)] == [(422, "CONTRACT_DELETION_REFUSED")] * 2


async def test_an_approval_does_not_delete_a_contract_whose_signing_has_started(
    admin: StaffMember, api: ContractApi
) -> None:
    contract_id = await admin.create()
    asked = await admin.call("POST", f"/contracts/{contract_id}/request-deletion", REASON)
    await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
    await api.sent(contract_id)

    approved = await admin.call("POST", f"/contract-approvals/{asked.data['id']}/approve", {})

    assert (approved.status, approved.code) == (422, "CONTRACT_DELETION_REFUSED")
    assert (await admin.call("GET", f"/contracts/{contract_id}")).data["contractStatus"] == "signing"


async def test_an_administrator_deletes_only_the_named_contract_at_once(admin: StaffMember) -> None:
    contract_id, other = await admin.create(1), await admin.create(2)

    deleted = await admin.call("DELETE", f"/contracts/{contract_id}", REASON)
    again = await admin.call("DELETE", f"/contracts/{contract_id}", REASON)

    assert (deleted.status, again.status) == (200, 404)
    assert [each["id"] for each in (await admin.call("GET", "/contracts")).data["contracts"]] == [other]
