"""The statuses and categories of contracts, signers and signature processes, with their labels."""

from enum import StrEnum

from domain.shared.text import Text


class ContractStatus(StrEnum):
    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"
    """Training only: all parties have signed, and the fee is not paid yet."""
    ACTIVE = "active"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    GRADUATED = "graduated"
    REFUNDED = "refunded"


STATUS_LABELS: dict[ContractStatus, Text] = {
    ContractStatus.DRAFT: Text("草稿", "Draft"),
    ContractStatus.SIGNING: Text("签约中", "Signing"),
    ContractStatus.SIGNED: Text("已签约", "Signed"),
    ContractStatus.ACTIVE: Text("生效中", "In force"),
    ContractStatus.REPLACED: Text("已被替换", "Replaced"),
    ContractStatus.CANCELLED: Text("已取消", "Cancelled"),
    ContractStatus.GRADUATED: Text("已毕业", "Graduated"),
    ContractStatus.REFUNDED: Text("已退款", "Refunded"),
}


class OrderCategory(StrEnum):
    HOUSEKEEPING = "housekeeping"
    TRAINING = "training"


CATEGORY_LABELS: dict[OrderCategory, Text] = {
    OrderCategory.HOUSEKEEPING: Text("家政服务", "Home care"),
    OrderCategory.TRAINING: Text("职业培训", "Training"),
}


class ContractType(StrEnum):
    MATERNITY_NURSE = "月嫂"
    LIVE_IN_CHILDCARE = "住家育儿嫂"
    CLEANING = "保洁"
    LIVE_IN_HOUSEKEEPER = "住家保姆"
    PET_CARE = "养宠"
    BY_THE_HOUR = "小时工"
    DAY_CHILDCARE = "白班育儿"
    DAY_CHILDCARE_NURSE = "白班育儿嫂"
    DAY_HOUSEKEEPER = "白班保姆"
    LIVE_IN_ELDERCARE = "住家护老"
    CHILD_COMPANION = "儿童陪伴师"
    TRAINING = "职培"


TYPE_LABELS: dict[ContractType, Text] = {
    ContractType.MATERNITY_NURSE: Text("月嫂", "Maternity nurse"),
    ContractType.LIVE_IN_CHILDCARE: Text("住家育儿嫂", "Live-in nanny"),
    ContractType.CLEANING: Text("保洁", "Cleaning"),
    ContractType.LIVE_IN_HOUSEKEEPER: Text("住家保姆", "Live-in housekeeper"),
    ContractType.PET_CARE: Text("养宠", "Pet care"),
    ContractType.BY_THE_HOUR: Text("小时工", "Hourly help"),
    ContractType.DAY_CHILDCARE: Text("白班育儿", "Daytime childcare"),
    ContractType.DAY_CHILDCARE_NURSE: Text("白班育儿嫂", "Daytime nanny"),
    ContractType.DAY_HOUSEKEEPER: Text("白班保姆", "Daytime housekeeper"),
    ContractType.LIVE_IN_ELDERCARE: Text("住家护老", "Live-in elder care"),
    ContractType.CHILD_COMPANION: Text("儿童陪伴师", "Child companion"),
    ContractType.TRAINING: Text("职业培训", "Vocational training"),
}


def types_of(category: OrderCategory) -> tuple[ContractType, ...]:
    """The types that a contract of this category can have."""
    if category is OrderCategory.TRAINING:
        return (ContractType.TRAINING,)
    return tuple(kind for kind in ContractType if kind is not ContractType.TRAINING)


class CancelReason(StrEnum):
    DISCARDED = "discarded"
    """A draft that staff discarded."""
    EXPIRED = "expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    VOIDED = "voided"
    """It was in force, and every party signed the voiding (作废)."""


CANCEL_LABELS: dict[CancelReason, Text] = {
    CancelReason.DISCARDED: Text("草稿作废", "Draft discarded"),
    CancelReason.EXPIRED: Text("签署过期", "Signing expired"),
    CancelReason.REJECTED: Text("拒签", "Declined by a signer"),
    CancelReason.WITHDRAWN: Text("撤销", "Withdrawn"),
    CancelReason.FAILED: Text("签署失败", "Signing failed"),
    CancelReason.VOIDED: Text("作废", "Voided"),
}

CAN_BE_SIGNED_AGAIN = frozenset(
    {CancelReason.EXPIRED, CancelReason.REJECTED, CancelReason.WITHDRAWN, CancelReason.FAILED}
)


class OnboardStatus(StrEnum):
    """上户: the worker starts in the household."""

    NOT_STARTED = "not_started"
    PENDING = "pending"
    CONFIRMED = "confirmed"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    REFUNDED = "refunded"


class SyncStatus(StrEnum):
    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class SignerRole(StrEnum):
    CUSTOMER = "customer"
    WORKER = "worker"
    AGENCY = "agency"


ROLE_LABELS: dict[SignerRole, Text] = {
    SignerRole.CUSTOMER: Text("客户", "Customer"),
    SignerRole.WORKER: Text("阿姨", "Worker"),
    SignerRole.AGENCY: Text("公司", "Agency"),
}


class SignerState(StrEnum):
    WAITING = "waiting"
    """An earlier signer has not signed yet."""
    SIGNING = "signing"
    SIGNED = "signed"
    REJECTED = "rejected"
    UNSIGNED = "unsigned"
    """The process ended before this party signed. Shown, never stored."""


SIGNER_LABELS: dict[SignerState, Text] = {
    SignerState.WAITING: Text("待签约", "Waiting"),
    SignerState.SIGNING: Text("签约中", "Signing"),
    SignerState.SIGNED: Text("已签约", "Signed"),
    SignerState.REJECTED: Text("拒签", "Refused"),
    SignerState.UNSIGNED: Text("未签署", "Not signed"),
}


class ProviderStatus(StrEnum):
    """The status of a signature process at the provider."""

    WAITING = "waiting"
    SIGNING = "signing"
    COMPLETE = "complete"
    EXPIRED = "expired"
    REJECTED = "rejected"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """A code with unknown meaning: the contract does not change, and an error is logged."""


CANCEL_REASON_BY_STATUS: dict[ProviderStatus, CancelReason] = {
    ProviderStatus.EXPIRED: CancelReason.EXPIRED,
    ProviderStatus.REJECTED: CancelReason.REJECTED,
    ProviderStatus.WITHDRAWN: CancelReason.WITHDRAWN,
    ProviderStatus.FAILED: CancelReason.FAILED,
}
"""The ways in which a signature process ends without a contract in force."""
