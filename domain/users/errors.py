"""Errors of the users area."""

from domain.shared.errors import Conflict, InvalidRequest, NotAuthenticated, NotFound, PermissionDenied, RuleViolated
from domain.shared.login_throttle import WrongPasswordGiven
from domain.shared.text import Text


class WxCodeRequired(InvalidRequest):
    """The request proves no identity."""

    code = "WX_CODE_REQUIRED"
    text = Text("请提供微信登录凭证 code", "Send the code of wx.login")


class PhoneCodeRequired(InvalidRequest):
    code = "PHONE_CODE_REQUIRED"
    text = Text("请提供手机号授权凭证 phoneCode", "Send the phoneCode of getPhoneNumber")


class WxCodeInvalid(NotAuthenticated):
    code = "WX_CODE_INVALID"
    text = Text("微信登录凭证无效或已过期，请重试", "The WeChat code is invalid or expired; please try again")


class PhoneCodeInvalid(NotAuthenticated):
    code = "PHONE_CODE_INVALID"
    text = Text("手机号授权已失效，请重新授权", "The phone authorisation is invalid or expired; please authorise again")


class WxUserRefused(PermissionDenied):
    code = "WX_USER_REFUSED"
    text = Text("微信判定该账号存在风险，暂不能登录", "WeChat considers this account a risk; sign-in refused")


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    text = Text("用户不存在", "No such user")


class UserNotRegistered(NotFound):
    code = "USER_NOT_REGISTERED"
    text = Text("用户不存在，请先注册", "No such user; please register first")


class UserBlocked(PermissionDenied):
    code = "USER_BLOCKED"
    text = Text("账号已被封禁", "This account is blocked")


class NotYourAccount(PermissionDenied):
    """The openid in the request does not belong to the session's account."""

    code = "NOT_YOUR_ACCOUNT"
    text = Text("只能操作自己的账号", "You can only do this with your own account")


class WrongPassword(WrongPasswordGiven, NotAuthenticated):
    """Raised alike for an unknown account, an account without a password, and a wrong password."""

    code = "BAD_CREDENTIALS"
    text = Text("账号或密码错误", "Wrong account or password")


class OldPasswordWrong(WrongPasswordGiven, RuleViolated):
    code = "OLD_PASSWORD_WRONG"
    text = Text("原密码错误", "The old password is wrong")


class PasswordProofRequired(RuleViolated):
    code = "PASSWORD_PROOF_REQUIRED"
    text = Text(
        "修改密码需要原密码或手机号授权", "Changing the password needs the old one, or a fresh phone authorisation"
    )


class PhoneNotYours(RuleViolated):
    code = "PHONE_NOT_YOURS"
    text = Text(
        "授权的手机号与账号绑定的手机号不一致", "The authorised phone number is not the one bound to this account"
    )


class UsernameRequired(RuleViolated):
    code = "USERNAME_REQUIRED"
    text = Text("请先设置账号", "Set an account name first")


class UsernameFixed(Conflict):
    code = "USERNAME_FIXED"
    text = Text("账号设置后不可修改，请联系客服", "An account name cannot be changed once set; please contact us")


class PhoneBound(Conflict):
    code = "PHONE_BOUND"
    text = Text("该手机号已绑定其他账号", "This phone number is bound to another account")


class IdentityTaken(Conflict):
    """Another account has this openid or unionid; a concurrent request may just have stored it: load again."""

    code = "IDENTITY_TAKEN"


class IdentityConflict(Conflict):
    code = "IDENTITY_CONFLICT"
    text = Text(
        "微信身份与另一账号冲突，已提交客服处理",
        "This WeChat identity collides with another account; our staff will look into it",
    )


class UserVersionConflict(Conflict):
    """The account was edited after the version that the request names. `details["version"]` is the current one."""

    code = "VERSION_CONFLICT"
    text = Text("用户资料已被修改，请刷新后重试", "This user was changed meanwhile; reload and try again")


class MergeRefused(RuleViolated):
    code = "MERGE_REFUSED"
    text = Text("不能合并到该账号", "It cannot be merged into that account")


class AdministratorRequired(PermissionDenied):
    code = "ADMINISTRATOR_REQUIRED"
    text = Text("只有系统管理员可以合并账号", "Only an administrator can merge accounts")


class SearchTooBroad(InvalidRequest):
    code = "SEARCH_TOO_BROAD"
    text = Text("匹配的用户过多，请输入更完整的关键字", "Too many users match; type more of what you look for")
