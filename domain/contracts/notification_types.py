"""The notifications that contracts give to staff."""

from collections.abc import Callable
from typing import Any, Final

from domain.contracts.events import ContractChanged, StaffNoticeDue, StaffNoticeKind
from domain.contracts.statuses import CANCEL_LABELS, ROLE_LABELS
from domain.shared.model import Model
from domain.shared.notifications import (
    Notice,
    Notifications,
    NotificationType,
    OwnersChanged,
    OwnershipRule,
    Priority,
    Recipients,
    RecordRef,
)
from domain.shared.scope import Resource
from domain.shared.text import Text

KIND: Final = "contract"


class ContractValues(Model):
    contract_id: str
    contract_number: str
    customer_name: str
    worker_name: str = ""


class PartySignedValues(ContractValues):
    party: Text


class CancelledValues(ContractValues):
    reason: Text
    note: str = ""


class DeletionRequestedValues(ContractValues):
    requester_name: str
    reason: str


class DeletionWaitingValues(DeletionRequestedValues):
    days: int


class DeletionDecidedValues(ContractValues):
    approver_name: str
    comment: str


class ExpiringValues(ContractValues):
    days_left: int


def _due(kind: StaffNoticeKind, values: Callable[[StaffNoticeDue], Model]) -> Callable[[StaffNoticeDue], Notice | None]:
    def notice(event: StaffNoticeDue) -> Notice | None:
        if event.kind != kind:
            return None
        return Notice(
            fact=event.key,
            to=Recipients(staff=event.to_staff, overseers=event.to_admins),
            about=RecordRef(kind=KIND, id=event.contract_id),
            values=values(event),
            owners=(event.owner_id,) if event.owner_id else (),
        )

    return notice


def _common(event: StaffNoticeDue) -> dict[str, Any]:
    return {
        "contract_id": event.contract_id,
        "contract_number": event.contract_number,
        "customer_name": event.values.get("customerName", ""),
        "worker_name": event.values.get("workerName", ""),
    }


def _plain(event: StaffNoticeDue) -> ContractValues:
    return ContractValues(**_common(event))


def _party_signed(event: StaffNoticeDue) -> PartySignedValues:
    return PartySignedValues(**_common(event), party=_label(ROLE_LABELS, event.values.get("role")))


def _cancelled(event: StaffNoticeDue) -> CancelledValues:
    reason = _label(CANCEL_LABELS, event.values.get("reason"))
    return CancelledValues(**_common(event), reason=reason, note=event.values.get("note", ""))


def _deletion_requested(event: StaffNoticeDue) -> DeletionRequestedValues:
    given = event.values
    requester, reason = given.get("requesterName", ""), given.get("reason", "")
    return DeletionRequestedValues(**_common(event), requester_name=requester, reason=reason)


def _deletion_waiting(event: StaffNoticeDue) -> DeletionWaitingValues:
    return DeletionWaitingValues(**dict(_deletion_requested(event)), days=event.values.get("days", 0))


def _deletion_decided(event: StaffNoticeDue) -> DeletionDecidedValues:
    given = event.values
    approver, comment = given.get("approverName", ""), given.get("comment", "")
    return DeletionDecidedValues(**_common(event), approver_name=approver, comment=comment)


def _expiring(event: StaffNoticeDue) -> ExpiringValues:
    return ExpiringValues(**_common(event), days_left=event.values.get("days", 0))


def _label(labels: Any, value: object) -> Text:
    found: Text | None = next((label for key, label in labels.items() if key == value), None)
    return found or Text("", "")


_SHARED: Final[dict[str, Any]] = {
    "cause": StaffNoticeDue,
    "action_url": "#/contracts?contract={{contractId}}",
    "action_text": Text("查看合同", "View contract"),
    "icon": "contract",
    "permission": "contract:view",
    "resource": Resource.CONTRACT,
}

_TYPES: Final[tuple[NotificationType[Any], ...]] = (
    NotificationType(
        code="CONTRACT_CREATED",
        name=Text("新建合同", "Contract created"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_CREATED", _plain),
        values=ContractValues,
        title=Text("新建合同 {{contractNumber}}", "New contract {{contractNumber}}"),
        content=Text("客户 {{customerName}} 的合同已创建", "A contract was created for {{customerName}}"),
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_PARTY_SIGNED",
        name=Text("一方已签署", "A party has signed"),
        priority=Priority.MEDIUM,
        notice=_due("CONTRACT_PARTY_SIGNED", _party_signed),
        values=PartySignedValues,
        title=Text("{{party}}已签署 {{contractNumber}}", "{{party}} signed {{contractNumber}}"),
        content=Text(
            "客户 {{customerName}} 的合同，{{party}}已完成签署",
            "The contract of {{customerName}} was signed by: {{party}}",
        ),
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_SIGNED",
        name=Text("合同签署完成", "Contract signed"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_SIGNED", _plain),
        values=ContractValues,
        title=Text("合同 {{contractNumber}} 签署完成", "Contract {{contractNumber}} is signed"),
        content=Text(
            "客户 {{customerName}} 的合同已由各方签署", "All parties have signed the contract of {{customerName}}"
        ),
        color="success",
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_CANCELLED",
        name=Text("合同已取消", "Contract cancelled"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_CANCELLED", _cancelled),
        values=CancelledValues,
        title=Text("合同 {{contractNumber}} 已取消：{{reason}}", "Contract {{contractNumber}} cancelled: {{reason}}"),
        content=Text(
            "客户 {{customerName}} 的合同已取消。{{note}}", "The contract of {{customerName}} was cancelled. {{note}}"
        ),
        color="danger",
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_APPROVAL_REQUESTED",
        name=Text("申请删除合同", "Deletion requested"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_APPROVAL_REQUESTED", _deletion_requested),
        values=DeletionRequestedValues,
        title=Text("待审批：删除合同 {{contractNumber}}", "To decide: deletion of {{contractNumber}}"),
        content=Text(
            "{{requesterName}} 申请删除合同，原因：{{reason}}", "{{requesterName}} asks to delete it: {{reason}}"
        ),
        color="warning",
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_APPROVAL_WAITING",
        name=Text("删除申请待处理", "Deletion request is waiting"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_APPROVAL_WAITING", _deletion_waiting),
        values=DeletionWaitingValues,
        title=Text("删除合同 {{contractNumber}} 的申请仍待审批", "Still to decide: deletion of {{contractNumber}}"),
        content=Text(
            "{{requesterName}} 的申请已等待 {{days}} 天，原因：{{reason}}",
            "{{requesterName}} has been waiting for {{days}} days: {{reason}}",
        ),
        color="warning",
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_APPROVAL_APPROVED",
        name=Text("删除申请已通过", "Deletion approved"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_APPROVAL_APPROVED", _deletion_decided),
        values=DeletionDecidedValues,
        title=Text("已同意删除合同 {{contractNumber}}", "Deletion of {{contractNumber}} approved"),
        content=Text("{{approverName}} 已同意删除。{{comment}}", "{{approverName}} approved the deletion. {{comment}}"),
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_APPROVAL_REJECTED",
        name=Text("删除申请被拒绝", "Deletion rejected"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_APPROVAL_REJECTED", _deletion_decided),
        values=DeletionDecidedValues,
        title=Text("未同意删除合同 {{contractNumber}}", "Deletion of {{contractNumber}} rejected"),
        content=Text("{{approverName}} 未同意删除。{{comment}}", "{{approverName}} rejected the deletion. {{comment}}"),
        color="danger",
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_EXPIRING_SOON",
        name=Text("合同即将到期", "Contract expires soon"),
        priority=Priority.HIGH,
        notice=_due("CONTRACT_EXPIRING_SOON", _expiring),
        values=ExpiringValues,
        title=Text(
            "合同 {{contractNumber}} 将在 {{daysLeft}} 天后到期", "{{contractNumber}} expires in {{daysLeft}} days"
        ),
        content=Text(
            "客户 {{customerName}}，阿姨 {{workerName}}，请及时联系续约",
            "{{customerName}} with {{workerName}}: please talk to them about a renewal",
        ),
        color="warning",
        **_SHARED,
    ),
)


def _new_owner(event: ContractChanged) -> OwnersChanged | None:
    if not event.former_owner_id:
        return None
    return OwnersChanged(RecordRef(kind=KIND, id=event.card.id), (event.card.owner_id,))


NOTIFICATIONS: Final = Notifications(types=_TYPES, ownership=(OwnershipRule(ContractChanged, _new_owner),))
