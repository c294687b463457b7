"""The history of a contract: its changes with actor, time and cause, stored in the contract's own document."""

from enum import StrEnum
from typing import Any

from domain.contracts.statuses import ContractStatus
from domain.shared.actor import ActorRef
from domain.shared.model import Instant, Model
from domain.shared.text import Language, Text

MAX_ENTRIES = 200
"""Above this number the oldest entries without a status change are dropped. The audit log keeps all changes."""


class Cause(StrEnum):
    CREATED = "created"
    EDITED = "edited"
    ASSIGNED = "assigned"
    INITIATED = "initiated"
    REINITIATED = "reinitiated"
    DISCARDED = "discarded"
    SENT = "sent"
    SIGNER_ACTED = "signer"
    NEXT_SIGNER = "turn"
    ALL_SIGNED = "all-signed"
    SIGNING_CLOSED = "signing-closed"
    WITHDRAWAL_REQUESTED = "withdrawal-asked"
    VOID_REQUESTED = "void-asked"
    VOID_SENT = "void-sent"
    VOID_SIGNED = "void-signed"
    """A party has signed the voiding."""
    VOIDED = "voided"
    VOID_LAPSED = "void-lapsed"
    """Not every party signed the voiding in time: the contract stays in force."""
    PAID = "paid"
    ONBOARDED = "onboarded"
    SUCCEEDED = "succeeded"
    """A successor replaced the contract."""
    RENEWED = "renewed"
    GRADUATED = "graduated"
    REFUNDED = "refunded"
    REMINDED = "reminded"
    SERVICE_EXPIRED = "service-expired"
    DELETION_REQUESTED = "deletion-asked"
    DELETION_REJECTED = "deletion-refused"
    DELETED = "deleted"
    INSURANCE_REQUESTED = "insurance-asked"


CAUSE_LABELS: dict[Cause, Text] = {
    Cause.CREATED: Text("创建合同", "Created"),
    Cause.EDITED: Text("修改合同", "Edited"),
    Cause.ASSIGNED: Text("变更归属人", "Owner changed"),
    Cause.INITIATED: Text("发起签署", "Sent for signing"),
    Cause.REINITIATED: Text("重新发起签署", "Sent for signing again"),
    Cause.DISCARDED: Text("草稿作废", "Draft discarded"),
    Cause.SENT: Text("已发送给签署方", "Sent to the signers"),
    Cause.SIGNER_ACTED: Text("签署进度更新", "Signing progress updated"),
    Cause.NEXT_SIGNER: Text("等待签署方签署", "Waiting for a signer"),
    Cause.ALL_SIGNED: Text("全部签署完成", "Signed by all parties"),
    Cause.SIGNING_CLOSED: Text("签署终止", "Signing ended without a contract"),
    Cause.WITHDRAWAL_REQUESTED: Text("申请撤销", "Withdrawal requested"),
    Cause.VOID_REQUESTED: Text("申请作废", "Voiding requested"),
    Cause.VOID_SENT: Text("作废协议已发给各方签署", "Voiding sent to all parties"),
    Cause.VOID_SIGNED: Text("作废进度更新", "Progress of the voiding updated"),
    Cause.VOIDED: Text("各方确认作废", "Voided by all parties"),
    Cause.VOID_LAPSED: Text("作废未完成，合同继续有效", "Not voided: the contract stays in force"),
    Cause.PAID: Text("支付确认", "Payment confirmed"),
    Cause.ONBOARDED: Text("确认上户", "Onboarding confirmed"),
    Cause.SUCCEEDED: Text("被新合同替换", "Replaced by a new contract"),
    Cause.RENEWED: Text("续签合同生效", "Renewed"),
    Cause.GRADUATED: Text("学员毕业", "Graduated"),
    Cause.REFUNDED: Text("退款", "Refunded"),
    Cause.REMINDED: Text("到期提醒", "Expiry reminder sent"),
    Cause.SERVICE_EXPIRED: Text("服务已到期", "Service period ended"),
    Cause.DELETION_REQUESTED: Text("申请删除", "Deletion requested"),
    Cause.DELETION_REJECTED: Text("拒绝删除", "Deletion rejected"),
    Cause.DELETED: Text("删除", "Deleted"),
    Cause.INSURANCE_REQUESTED: Text("重新同步保险", "Insurance sync requested again"),
}


class HistoryEntry(Model):
    at: Instant
    cause: Cause
    by: ActorRef
    from_status: ContractStatus | None = None
    to_status: ContractStatus | None = None
    note: str = ""
    """Written by a person or the provider, or, in Chinese, by the system."""
    note_en: str = ""
    """The same in English when the system wrote it."""

    @property
    def is_transition(self) -> bool:
        return self.from_status is not self.to_status

    @classmethod
    def noting(cls, note: str | Text, **fields: Any) -> "HistoryEntry":
        note, note_en = stored_note(note)
        return cls(note=note, note_en=note_en, **fields)

    def note_text(self, language: Language) -> str:
        return shown_note(self.note, self.note_en, language)


History = tuple[HistoryEntry, ...]


def stored_note(note: str | Text) -> tuple[str, str]:
    """A note as it is stored, and its English, which only a note of the system has."""
    return (note.zh, note.en) if isinstance(note, Text) else (note, "")


def shown_note(note: str, note_en: str, language: Language) -> str:
    """A stored note in the reader's language; people's own words are the same in each."""
    return (note_en if language == "en" else "") or note


def with_entry(history: History, entry: HistoryEntry) -> History:
    """The history with the entry appended, kept at MAX_ENTRIES."""
    if len(history) >= MAX_ENTRIES:
        dropped = next((index for index, old in enumerate(history) if not old.is_transition), 0)
        history = history[:dropped] + history[dropped + 1 :]
    return (*history, entry)
