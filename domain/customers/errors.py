"""Errors of the customers area."""

from domain.shared.errors import Conflict, InvalidRequest, NotFound, PermissionDenied, RuleViolated
from domain.shared.scope import OutOfScope
from domain.shared.text import Text


class CustomerNotFound(NotFound):
    code = "CUSTOMER_NOT_FOUND"
    text = Text("客户不存在", "No such customer")


class CustomerOutOfScope(CustomerNotFound, OutOfScope):
    """Answered as CustomerNotFound."""


class CustomerVersionConflict(Conflict):
    """`details["version"]` is the current version."""

    code = "VERSION_CONFLICT"
    text = Text("客户已被他人修改，请刷新后重试", "Someone else changed this customer first; reload and try again")


class CustomerPhoneTaken(Conflict):
    code = "CUSTOMER_PHONE_TAKEN"
    text = Text("手机号已被其他客户使用", "Another customer has this phone number")


class CustomerWeChatTaken(Conflict):
    code = "CUSTOMER_WECHAT_TAKEN"
    text = Text("微信号已被其他客户使用", "Another customer has this WeChat id")


class CustomerAccountTaken(Conflict):
    code = "CUSTOMER_ACCOUNT_TAKEN"
    text = Text("该小程序用户已关联其他客户", "Another customer is linked to this mini-program user")


class CustomerNumberTaken(Conflict):
    """Numbers are random: the next try takes another one."""

    code = "CUSTOMER_NUMBER_TAKEN"
    text = Text("客户编号重复，请重试", "That customer number is taken; try again")


class ContactRequired(InvalidRequest):
    code = "CONTACT_REQUIRED"
    text = Text("手机号和微信号至少填写一项", "Give a phone number or a WeChat id")


class UnknownDictionaryValue(InvalidRequest):
    """`details`: the `dictionary` and the `value`."""

    code = "UNKNOWN_DICTIONARY_VALUE"
    text = Text("选项不在字典中或已停用", "That value is not in the dictionary, or is retired")


class IllegalStage(Conflict):
    """`details`: `current`, `requested`, and the `allowed` stages."""

    code = "ILLEGAL_STAGE"
    text = Text("客户当前状态不能变更为所选状态", "The customer cannot take this step")


class LevelSetBySystem(RuleViolated):
    code = "LEVEL_SET_BY_SYSTEM"
    text = Text("O类和流失由系统设定，请选择 A–D 类", "O and lost are set by the system; choose A to D")


class CustomerHasContracts(RuleViolated):
    code = "CUSTOMER_HAS_CONTRACTS"
    text = Text("客户有合同，不能删除", "The customer has a contract, so it cannot be deleted")


class SearchTooBroad(InvalidRequest):
    code = "SEARCH_TOO_BROAD"
    text = Text("匹配结果过多，请输入更完整的内容", "Too many matches; type more of it")


class AdministratorRequired(PermissionDenied):
    code = "ADMINISTRATOR_REQUIRED"
    text = Text("仅管理员可以执行此操作", "Only administrators can do this")


class NotTheOwner(PermissionDenied):
    code = "NOT_THE_OWNER"
    text = Text("只有负责人或有公海权限的员工可以释放客户", "Only the owner, or staff with pool rights, may release it")


class UnknownAssignee(InvalidRequest):
    code = "UNKNOWN_ASSIGNEE"
    text = Text(
        "负责人不存在、已停用或没有客户权限", "That person does not exist, is disabled, or has no customer rights"
    )


class CustomerFrozen(RuleViolated):
    code = "CUSTOMER_FROZEN"
    text = Text("客户已冻结", "The customer is frozen")


class AlreadyInPool(Conflict):
    code = "CUSTOMER_ALREADY_IN_POOL"
    text = Text("客户已在公海", "The customer is in the pool already")


class FollowUpInPool(Conflict):
    code = "CUSTOMER_IN_POOL"
    text = Text("公海客户领取后才能跟进", "A customer of the pool is claimed first, then followed up")


class NextFollowUpRefused(InvalidRequest):
    code = "NEXT_FOLLOW_UP_REFUSED"
    text = Text("下次跟进时间须晚于现在，且在两年之内", "The next follow-up is later than now, and within two years")


class NotInPool(Conflict):
    code = "CUSTOMER_NOT_IN_POOL"
    text = Text("客户不在公海", "The customer is not in the pool")


class AlreadyClaimed(Conflict):
    code = "CUSTOMER_ALREADY_CLAIMED"
    text = Text("客户已被他人领取", "Someone else has claimed this customer")


class SignedCustomer(RuleViolated):
    code = "CUSTOMER_SIGNED"
    text = Text("已签约客户不能进入公海", "A signed customer cannot go to the pool")


class ReclaimTooSoon(RuleViolated):
    """`details["until"]`: when the claim is possible again."""

    code = "RECLAIM_TOO_SOON"
    text = Text("释放后 24 小时内不能再次领取", "Who released a customer cannot claim it again for 24 hours")


class HoldingCapReached(RuleViolated):
    """`details`: `held` and `cap`."""

    code = "HOLDING_CAP_REACHED"
    text = Text("持有客户数已达上限", "The cap of held customers is reached")


class DailyClaimCapReached(RuleViolated):
    """`details`: `claimed` today and `cap`."""

    code = "DAILY_CLAIM_CAP_REACHED"
    text = Text("今日领取数已达上限", "The cap of claims for today is reached")


class TransferRuleNotFound(NotFound):
    code = "TRANSFER_RULE_NOT_FOUND"
    text = Text("流转规则不存在", "No such transfer rule")


class TransferRuleVersionConflict(Conflict):
    """`details["version"]` is the current version."""

    code = "VERSION_CONFLICT"
    text = Text("流转规则已被他人修改，请刷新后重试", "Someone else changed this rule first; reload and try again")


class LeadHasMoved(Conflict):
    """Why a planned transfer was not made."""

    code = "LEAD_HAS_MOVED"
    text = Text("线索在流转前已有变化", "The lead has changed since the transfer was planned")


class PoolRulesVersionConflict(Conflict):
    code = "VERSION_CONFLICT"
    text = Text("公海规则已被他人修改，请刷新后重试", "Someone else changed the pool rules first; reload and try again")


class CustomerDoesNotFall(RuleViolated):
    code = "CUSTOMER_DOES_NOT_FALL"
    text = Text("该客户不会被回收，无需保留", "This customer does not fall into the pool")


class KeepLimitReached(RuleViolated):
    """`details["limit"]`: how often an owner can keep a customer."""

    code = "KEEP_LIMIT_REACHED"
    text = Text("保留次数已用完，请尽快跟进", "It cannot be kept once more; follow up instead")


class ViewNotFound(NotFound):
    code = "VIEW_NOT_FOUND"
    text = Text("视图不存在或未分享", "No such view, or it is not shared")


class TooManyViews(RuleViolated):
    """`details["most"]`: how many views a person can save."""

    code = "TOO_MANY_VIEWS"
    text = Text("保存的视图已达上限", "No more views can be saved")


class DictionaryNotFound(NotFound):
    code = "DICTIONARY_NOT_FOUND"
    text = Text("字典不存在", "No such dictionary")


class DictionaryVersionConflict(Conflict):
    code = "VERSION_CONFLICT"
    text = Text("字典已被他人修改，请刷新后重试", "Someone else changed this dictionary first; reload and try again")


class DictionaryValueInUse(RuleViolated):
    """`details["values"]`: values that customers have; they can be retired."""

    code = "DICTIONARY_VALUE_IN_USE"
    text = Text("选项已被使用，只能停用", "Customers have this value: it can only be retired")


class DictionaryValueRequired(RuleViolated):
    code = "DICTIONARY_VALUE_REQUIRED"
    text = Text("“其他”是默认选项，不能删除或停用", "「其他」 is the default and must stay")
