"""The actions on a contract that its state and the staff member's authority allow.

Clients offer exactly these actions. The use cases check again, since a contract may change before the action arrives.
"""

from enum import StrEnum

from domain.contracts.deletion.service import is_deletable
from domain.contracts.drafting.service import editable_terms
from domain.contracts.milestones import awaits_payment
from domain.contracts.model import Contract
from domain.contracts.roles import MANAGING_ROLES, UNRESTRICTED_ROLES, contract_scope
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, ContractStatus, OnboardStatus, PaymentStatus
from domain.shared.authority import Role, StaffAuthority

S = ContractStatus


class ContractAction(StrEnum):
    INITIATE = "initiate"
    REINITIATE = "reinitiate"
    GET_SIGNING_LINKS = "getSigningLinks"
    SYNC = "sync"
    PREVIEW_DRAFT = "previewDraft"
    """See what starting to sign would send, and to whom."""
    PREVIEW = "preview"
    """View the document at the provider."""
    DOWNLOAD = "download"
    EDIT = "edit"
    CHANGE_WORKER = "changeWorker"
    RENEW = "renew"
    CONFIRM_ONBOARD = "confirmOnboard"
    RECORD_PAYMENT = "recordPayment"
    GRADUATE = "graduate"
    ASSIGN = "assign"
    DISCARD = "discard"
    WITHDRAW = "withdraw"
    VOID = "void"
    REFUND = "refund"
    DELETE = "delete"
    REQUEST_DELETION = "requestDeletion"
    DECIDE_DELETION = "decideDeletion"


class ContractCapability(StrEnum):
    """Rights on contracts in general that depend on the role, not on permission keys."""

    SEE_ALL = "contract:see-all"
    """The data scope is every contract."""
    DECIDE_DELETION = "contract:decide-deletion"


def capabilities(by: StaffAuthority) -> list[ContractCapability]:
    allowed = {
        ContractCapability.SEE_ALL: contract_scope(by).is_everything,
        ContractCapability.DECIDE_DELETION: by.role == Role.ADMIN,
    }
    return [capability for capability, is_allowed in allowed.items() if is_allowed]


def allowed_actions(contract: Contract, by: StaffAuthority) -> list[ContractAction]:
    """In the order of the enumeration. `missing_to_sign` tells whether a draft is complete enough for signing."""
    status, edits = contract.contract_status, by.may("contract:edit")
    manages = edits and by.role in MANAGING_ROLES
    administers = by.role == Role.ADMIN
    in_force = status is S.ACTIVE
    open_to_closing = not contract.is_closing
    follows = in_force and not contract.is_training
    voiding = contract.closure is not None and contract.closure.is_running_void
    paid_training = contract.is_training and contract.payment_status is PaymentStatus.PAID
    deletable = by.may("contract:delete") and is_deletable(contract) and contract.pending_deletion is None
    ended_unsigned = status is S.CANCELLED and contract.cancel_reason in CAN_BE_SIGNED_AGAIN
    again = ended_unsigned and not contract.replaced_by_contract_id
    allowed = {
        ContractAction.INITIATE: edits and status is S.DRAFT,
        ContractAction.REINITIATE: edits and again,
        ContractAction.GET_SIGNING_LINKS: edits and (status is S.SIGNING or voiding),
        ContractAction.SYNC: status is S.SIGNING,
        ContractAction.PREVIEW_DRAFT: (status is S.DRAFT or again) and bool(contract.esign_template_no),
        ContractAction.PREVIEW: status is S.SIGNING and contract.is_sent,
        ContractAction.DOWNLOAD: contract.is_complete,
        ContractAction.EDIT: edits and bool(editable_terms(contract)),
        ContractAction.CHANGE_WORKER: edits and follows and open_to_closing,
        ContractAction.RENEW: by.may("contract:create") and follows and open_to_closing,
        ContractAction.CONFIRM_ONBOARD: edits
        and follows
        and contract.onboard_status is OnboardStatus.PENDING
        and contract.closure is None,
        ContractAction.RECORD_PAYMENT: manages and awaits_payment(contract),
        ContractAction.GRADUATE: edits and in_force and contract.is_training and not awaits_payment(contract),
        ContractAction.ASSIGN: edits and by.role in UNRESTRICTED_ROLES and by.may("user:view"),
        ContractAction.DISCARD: edits and status is S.DRAFT,
        ContractAction.WITHDRAW: edits and status is S.SIGNING and open_to_closing,
        ContractAction.VOID: manages and in_force and open_to_closing,
        ContractAction.REFUND: manages and paid_training and status in (S.SIGNED, S.ACTIVE),
        ContractAction.DELETE: administers and deletable,
        ContractAction.REQUEST_DELETION: not administers and deletable,
        ContractAction.DECIDE_DELETION: administers and contract.pending_deletion is not None,
    }
    return [action for action, is_allowed in allowed.items() if is_allowed]
