"""Errors of the contracts area."""

from domain.shared.errors import Conflict, InvalidRequest, NotAuthenticated, NotFound, RuleViolated, UpstreamFailed
from domain.shared.scope import OutOfScope
from domain.shared.text import Text


class ContractNotFound(NotFound):
    code = "CONTRACT_NOT_FOUND"
    text = Text("合同不存在", "No such contract")


class ContractOutOfScope(ContractNotFound, OutOfScope):
    """Answered as ContractNotFound."""


class TransitionNotAllowed(RuleViolated):
    """`details`: `current` status, `requested` status, and `hindrance` (the guard that failed)."""

    code = "CONTRACT_STEP_NOT_ALLOWED"
    text = Text("合同当前状态不允许此操作", "The contract's current status does not allow this")


class ContractVersionConflict(Conflict):
    """`details["version"]` is the current version."""

    code = "VERSION_CONFLICT"
    text = Text("合同已被他人修改，请刷新后重试", "This contract was changed by someone else; reload and try again")


class ContractExists(Conflict):
    """`details["candidate"]` is the customer's existing contract: change the worker of that one, or create a second
    contract on purpose (`forceCreateNew`)."""

    code = "CONTRACT_EXISTS"
    text = Text(
        "该客户已有合同，请选择换人或仍然新建合同", "This customer has a contract: change its worker, or create anyway"
    )


class SuccessorExists(Conflict):
    code = "SUCCESSOR_EXISTS"
    text = Text("该合同已有进行中的换人合同", "A change of worker is already in progress for this contract")


class RenewalExists(Conflict):
    code = "RENEWAL_EXISTS"
    text = Text("该合同已有进行中的续签合同", "A renewal of this contract is already in progress")


class NumberTaken(Conflict):
    code = "CONTRACT_NUMBER_TAKEN"
    text = Text("合同编号重复，请重试", "That contract number is taken; try again")


class IdempotencyKeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    text = Text("幂等键已用于另一请求", "This idempotency key was used for another request")


class PartiesIncomplete(RuleViolated):
    """`details["missing"]` lists the missing fields."""

    code = "PARTIES_INCOMPLETE"
    text = Text("签约信息不完整", "Information that signing requires is missing")


class TemplateMismatch(RuleViolated):
    """`details` lists keys: `missing` (required and empty), `unknown` (no such field), `invalid` (no such option)."""

    code = "TEMPLATE_MISMATCH"
    text = Text("合同模板填写有误", "The template is not filled in correctly")


class UnknownParty(InvalidRequest):
    code = "UNKNOWN_PARTY"
    text = Text("客户或阿姨不存在", "No such customer or worker")


class WorkerBlacklisted(RuleViolated):
    code = "AUNT_BLACKLISTED"
    text = Text("该阿姨在黑名单中，不能签约", "This worker is on the blacklist")


class WorkerNotReleased(Conflict):
    code = "RESUME_NOT_RELEASED"
    text = Text("该阿姨尚未释放，请联系创建人", "This worker has not been released; ask the record's creator")


class TermsFrozen(RuleViolated):
    """`details["fields"]` lists the fields that can no longer be changed."""

    code = "CONTRACT_TERMS_FROZEN"
    text = Text("合同已发起签署，条款不可修改", "The terms cannot be changed once signing has begun")


class DeletionRefused(RuleViolated):
    code = "CONTRACT_DELETION_REFUSED"
    text = Text("只有草稿或已取消的合同可以删除", "Only drafts and cancelled contracts can be deleted")


class DeletionPending(Conflict):
    code = "DELETION_PENDING"
    text = Text("该合同已有待审批的删除申请", "A deletion request is already pending")


class ApprovalNotFound(NotFound):
    code = "APPROVAL_NOT_FOUND"
    text = Text("审批申请不存在", "No such request")


class ApprovalDecided(Conflict):
    code = "APPROVAL_DECIDED"
    text = Text("该申请已处理", "This request has already been decided")


class NotSignedYet(RuleViolated):
    code = "CONTRACT_NOT_SIGNED"
    text = Text("合同尚未签署完成", "The contract has not been signed by all parties")


class AlreadySigned(RuleViolated):
    code = "CONTRACT_ALREADY_SIGNED"
    text = Text("合同已签署完成，不能撤销，请使用作废", "All parties have signed; void it instead of withdrawing it")


class NoSuchSigner(NotFound):
    code = "SIGNER_NOT_FOUND"
    text = Text("该签署人不存在", "No such signer")


class LinksNotReady(RuleViolated):
    code = "SIGN_LINKS_NOT_READY"
    text = Text("签署链接正在生成，请稍后再试", "The signing links are being created; try again in a moment")


class PaymentMismatch(RuleViolated):
    """`details["amountDue"]` is the expected amount in fen."""

    code = "PAYMENT_AMOUNT_MISMATCH"
    text = Text("支付金额与合同应付金额不一致", "The amount paid differs from the amount due")


class PaymentIdUsed(Conflict):
    code = "PAYMENT_ID_USED"
    text = Text("该支付单号已用于其他合同", "This payment is already used for another contract")


class AlreadyPaid(Conflict):
    code = "ALREADY_PAID"
    text = Text("该合同已支付", "This contract is already paid")


class RefundTooHigh(RuleViolated):
    code = "REFUND_TOO_HIGH"
    text = Text("退款金额超过实付金额", "The refund exceeds the amount paid")


class AlreadyRefunded(Conflict):
    """`details["refunded"]` is the amount that was refunded, in fen."""

    code = "ALREADY_REFUNDED"
    text = Text("已按其他金额退款，不能修改", "It was already refunded with another amount")


class SigningMissing(UpstreamFailed):
    """The provider has no such signature process."""

    code = "ESIGN_CONTRACT_MISSING"
    text = Text("电子签平台没有该合同", "The e-sign provider does not know this contract")


class SigningRefused(UpstreamFailed):
    """The provider refused, and would refuse a retry. `details["providerCode"]` is its code."""

    code = "ESIGN_REFUSED"
    text = Text("电子签平台拒绝了请求", "The e-sign provider refused the request")


class TemplateMissing(RuleViolated, SigningRefused):
    """A client error first (RuleViolated): the request names a template that does not exist."""

    code = "ESIGN_TEMPLATE_MISSING"
    text = Text("合同模板不存在", "No such contract template")


class ForgedCallback(NotAuthenticated):
    code = "ESIGN_CALLBACK_FORGED"
    text = Text("回调签名无效", "The callback's signature is not valid")
