"""The notifications that contracts give to staff: the table of types."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from domain.contracts.events import ContractChanged, ContractStatusChanged, StaffNoticeDue, StaffNoticeKind
from domain.contracts.notices import (
    CancelledValues,
    ContractValues,
    DeletionDecidedValues,
    DeletionRequestedValues,
    DeletionWaitingValues,
    ExpiringValues,
    PartySignedValues,
    StatusValues,
    WorkerChangedValues,
    cancelled,
    deletion_decided,
    deletion_requested,
    deletion_waiting,
    due,
    expiring,
    new_owner,
    party_signed,
    plain,
    status_changed,
    worker_changed,
)
from domain.shared.notifications import Notifications, NotificationType, OwnershipRule, Priority
from domain.shared.scope import Resource
from domain.shared.text import Text

_SHARED: Final[dict[str, Any]] = {
    "action_url": "#/contracts?contract={{contractId}}",
    "action_text": Text("查看合同", "View contract"),
    "icon": "contract",
    "permission": "contract:view",
    "resource": Resource.CONTRACT,
}
V = TypeVar("V", bound=ContractValues)


def _due(
    code: StaffNoticeKind, values: type[V], filled: Callable[[StaffNoticeDue], V], **texts: Any
) -> NotificationType[StaffNoticeDue]:
    """The type that `StaffNoticeDue` of this kind causes."""
    notice = due(code, filled)
    return NotificationType(code=code, cause=StaffNoticeDue, notice=notice, values=values, **texts, **_SHARED)


_TYPES: Final[tuple[NotificationType[Any], ...]] = (
    _due(
        code="CONTRACT_CREATED",
        name=Text("新建合同", "Contract created"),
        priority=Priority.HIGH,
        values=ContractValues,
        filled=plain,
        title=Text("新建合同 {{contractNumber}}", "New contract {{contractNumber}}"),
        content=Text("客户 {{customerName}} 的合同已创建", "A contract was created for {{customerName}}"),
    ),
    _due(
        code="CONTRACT_PARTY_SIGNED",
        name=Text("一方已签署", "A party has signed"),
        priority=Priority.MEDIUM,
        values=PartySignedValues,
        filled=party_signed,
        title=Text("{{party}}已签署 {{contractNumber}}", "{{party}} signed {{contractNumber}}"),
        content=Text(
            "客户 {{customerName}} 的合同，{{party}}已完成签署",
            "The contract of {{customerName}} was signed by: {{party}}",
        ),
    ),
    _due(
        code="CONTRACT_SIGNED",
        name=Text("合同签署完成", "Contract signed"),
        priority=Priority.HIGH,
        values=ContractValues,
        filled=plain,
        title=Text("合同 {{contractNumber}} 签署完成", "Contract {{contractNumber}} is signed"),
        content=Text(
            "客户 {{customerName}} 的合同已由各方签署", "All parties have signed the contract of {{customerName}}"
        ),
        color="success",
    ),
    _due(
        code="CONTRACT_CANCELLED",
        name=Text("合同已取消", "Contract cancelled"),
        priority=Priority.HIGH,
        values=CancelledValues,
        filled=cancelled,
        title=Text("合同 {{contractNumber}} 已取消：{{reason}}", "Contract {{contractNumber}} cancelled: {{reason}}"),
        content=Text(
            "客户 {{customerName}} 的合同已取消。{{note}}", "The contract of {{customerName}} was cancelled. {{note}}"
        ),
        color="danger",
    ),
    _due(
        code="CONTRACT_APPROVAL_REQUESTED",
        name=Text("申请删除合同", "Deletion requested"),
        priority=Priority.HIGH,
        values=DeletionRequestedValues,
        filled=deletion_requested,
        title=Text("待审批：删除合同 {{contractNumber}}", "To decide: deletion of {{contractNumber}}"),
        content=Text(
            "{{requesterName}} 申请删除合同，原因：{{reason}}", "{{requesterName}} asks to delete it: {{reason}}"
        ),
        color="warning",
    ),
    _due(
        code="CONTRACT_APPROVAL_WAITING",
        name=Text("删除申请待处理", "Deletion request is waiting"),
        priority=Priority.HIGH,
        values=DeletionWaitingValues,
        filled=deletion_waiting,
        title=Text("删除合同 {{contractNumber}} 的申请仍待审批", "Still to decide: deletion of {{contractNumber}}"),
        content=Text(
            "{{requesterName}} 的申请已等待 {{days}} 天，原因：{{reason}}",
            "{{requesterName}} has been waiting for {{days}} days: {{reason}}",
        ),
        color="warning",
    ),
    _due(
        code="CONTRACT_APPROVAL_APPROVED",
        name=Text("删除申请已通过", "Deletion approved"),
        priority=Priority.HIGH,
        values=DeletionDecidedValues,
        filled=deletion_decided,
        title=Text("已同意删除合同 {{contractNumber}}", "Deletion of {{contractNumber}} approved"),
        content=Text("{{approverName}} 已同意删除。{{comment}}", "{{approverName}} approved the deletion. {{comment}}"),
    ),
    _due(
        code="CONTRACT_APPROVAL_REJECTED",
        name=Text("删除申请被拒绝", "Deletion rejected"),
        priority=Priority.HIGH,
        values=DeletionDecidedValues,
        filled=deletion_decided,
        title=Text("未同意删除合同 {{contractNumber}}", "Deletion of {{contractNumber}} rejected"),
        content=Text("{{approverName}} 未同意删除。{{comment}}", "{{approverName}} rejected the deletion. {{comment}}"),
        color="danger",
    ),
    _due(
        code="CONTRACT_EXPIRING_SOON",
        name=Text("合同即将到期", "Contract expires soon"),
        priority=Priority.HIGH,
        values=ExpiringValues,
        filled=expiring,
        title=Text(
            "合同 {{contractNumber}} 将于 {{endDate}} 到期（剩余 {{daysLeft}} 天）",
            "{{contractNumber}} ends on {{endDate}} (days left: {{daysLeft}})",
        ),
        content=Text(
            "客户 {{customerName}}，阿姨 {{workerName}}，请及时联系续约",
            "{{customerName}} with {{workerName}}: please talk to them about a renewal",
        ),
        color="warning",
    ),
    NotificationType(
        code="CONTRACT_STATUS_CHANGED",
        name=Text("合同状态变化", "Contract status changed"),
        priority=Priority.MEDIUM,
        cause=ContractStatusChanged,
        notice=status_changed,
        values=StatusValues,
        title=Text("合同 {{contractNumber}}：{{newStatus}}", "Contract {{contractNumber}}: {{newStatus}}"),
        content=Text(
            "客户 {{customerName}} 的合同由“{{oldStatus}}”变为“{{newStatus}}”（{{operatorName}}）",
            "The contract of {{customerName}} went from {{oldStatus}} to {{newStatus}} ({{operatorName}})",
        ),
        merge=timedelta(hours=1),
        **_SHARED,
    ),
    NotificationType(
        code="CONTRACT_WORKER_CHANGED",
        name=Text("合同换人", "Worker replaced"),
        priority=Priority.HIGH,
        cause=ContractStatusChanged,
        notice=worker_changed,
        values=WorkerChangedValues,
        title=Text("合同 {{contractNumber}} 已换人", "The worker of {{contractNumber}} was replaced"),
        content=Text(
            "客户 {{customerName}} 的阿姨由 {{oldWorker}} 换为 {{newWorker}}，新合同 {{newContractNumber}}",
            "{{newWorker}} replaced {{oldWorker}} at {{customerName}}'s, by contract {{newContractNumber}}",
        ),
        **_SHARED,
    ),
)

NOTIFICATIONS: Final = Notifications(types=_TYPES, ownership=(OwnershipRule(ContractChanged, new_owner),))
