"""Errors of staff accounts and departments."""

from domain.shared.errors import Conflict, InvalidRequest, NotFound, RuleViolated
from domain.shared.login_throttle import WrongPasswordGiven
from domain.shared.text import Text


class StaffNotFound(NotFound):
    code = "STAFF_NOT_FOUND"
    text = Text("用户不存在", "There is no such account")


class StaffVersionConflict(Conflict):
    code = "VERSION_CONFLICT"
    text = Text("账号已被他人修改，请刷新后重试", "Someone else changed this account first; reload and try again")


class StaffPhoneTaken(Conflict):
    code = "STAFF_PHONE_TAKEN"
    text = Text("手机号已被其他员工使用", "Another account has this phone number")


class UnknownRole(InvalidRequest):
    code = "UNKNOWN_ROLE"
    text = Text("角色不存在或已停用", "There is no such role, or it is disabled")


class UnknownDepartment(InvalidRequest):
    code = "UNKNOWN_DEPARTMENT"
    text = Text("部门不存在", "There is no such department")


class OwnAccount(RuleViolated):
    code = "OWN_ACCOUNT"
    text = Text(
        "不能暂停、停用本人账号，也不能修改本人角色或重置本人密码",
        "You cannot suspend, disable or reset your own account, or change your role",
    )


class LastAdministrator(RuleViolated):
    code = "LAST_ADMINISTRATOR"
    text = Text("至少保留一名可用的系统管理员", "At least one administrator must be left")


class WrongPassword(WrongPasswordGiven, RuleViolated):
    code = "WRONG_PASSWORD"
    text = Text("当前密码不正确", "The current password is wrong")


class PasswordUnchanged(InvalidRequest):
    code = "PASSWORD_UNCHANGED"
    text = Text("新密码不能与当前密码相同", "The new password must differ from the current one")


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"
    text = Text("登录会话不存在", "There is no such session")


class DepartmentNotFound(NotFound):
    code = "DEPARTMENT_NOT_FOUND"
    text = Text("部门不存在", "There is no such department")


class DepartmentNameTaken(Conflict):
    code = "DEPARTMENT_NAME_TAKEN"
    text = Text("部门名称已存在", "Another department has this name")


class DepartmentInUse(RuleViolated):
    code = "DEPARTMENT_IN_USE"
    text = Text("部门内仍有员工，不能删除", "The department still has members, so it cannot be deleted")
