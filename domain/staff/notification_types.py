"""The notifications about a staff member's own account."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from domain.shared.business_day import local_minute
from domain.shared.model import Model
from domain.shared.notifications import Notice, Notifications, NotificationType, Priority, Recipients, RecordRef
from domain.shared.text import Text
from domain.staff.events import RolePermissionsChange, StaffPasswordChanged, StaffRightsChanged
from domain.staff.login_log import StaffLoginRecorded
from domain.staff.permission_labels import label_of

KIND: Final = "staff"
ROLE_KIND: Final = "role"
NAMED: Final = 5
"""Permissions that a notification names."""


class RightsChangedValues(Model):
    operator_name: str = Field(examples=["李经理"])
    summary: Text = Field(examples=[Text("普通员工 → 运营", "普通员工 → 运营")])


class SecurityValues(Model):
    summary: Text = Field(examples=[Text("新设备", "a new device")])
    address: str = Field(examples=["203.0.113.7"])
    time: str = Field(examples=["12-01 14:30"])


class PasswordChangedValues(Model):
    operator_name: str = Field(examples=["李经理"])
    time: str = Field(examples=["12-01 14:30"])


def _rights_changed(event: StaffRightsChanged) -> Notice:
    if event.role is not None:
        values = RightsChangedValues(operator_name=event.by_name, summary=_permissions_changed(event.role))
        to = Recipients(role=event.role.code, without=(event.by_id,))
        return Notice(fact=event.id, to=to, about=RecordRef(kind=ROLE_KIND, id=event.role.role_id), values=values)
    summary = "；".join(f"{change.before or '—'} → {change.after or '—'}" for change in event.changes)
    values = RightsChangedValues(operator_name=event.by_name, summary=Text(summary, summary))
    return _own(event.id, event.staff_id, values, without=event.by_id)


def _permissions_changed(role: RolePermissionsChange) -> Text:
    granted, withdrawn = _named(role.granted), _named(role.withdrawn)
    zh = (f"角色“{role.name}”", granted.zh and f"增加 {granted.zh}", withdrawn.zh and f"取消 {withdrawn.zh}")
    en = (f"role {role.name}", granted.en and f"added {granted.en}", withdrawn.en and f"removed {withdrawn.en}")
    return Text("，".join(filter(None, zh)), "; ".join(filter(None, en)))


def _named(permissions: Sequence[str]) -> Text:
    """The first of them by name, and how many there are."""
    labels, more = [label_of(each) for each in permissions[:NAMED]], len(permissions) > NAMED
    zh, en = "、".join(each.zh for each in labels), ", ".join(each.en for each in labels)
    return Text(f"{zh}等 {len(permissions)} 项", f"{en} and others ({len(permissions)})") if more else Text(zh, en)


def _unusual_login(event: StaffLoginRecorded) -> Notice | None:
    if event.result != "success" or not (event.new_device or event.new_place):
        return None
    values = SecurityValues(summary=_unusual(event), address=event.address, time=local_minute(event.at))
    return _own(event.id, event.staff_id, values)


def _unusual(event: StaffLoginRecorded) -> Text:
    if event.new_device and event.new_place:
        return Text("新设备、新地点", "a new device in a new place")
    return Text("新设备", "a new device") if event.new_device else Text("新地点", "a new place")


def _password_changed(event: StaffPasswordChanged) -> Notice:
    values = PasswordChangedValues(operator_name=event.by_name, time=local_minute(event.at))
    return _own(event.id, event.staff_id, values)


def _own(fact: str, staff_id: str, values: Model, without: str = "") -> Notice:
    to = Recipients(staff=(staff_id,), without=(without,))
    return Notice(fact=fact, to=to, about=RecordRef(kind=KIND, id=staff_id), values=values)


_SHARED: Final[dict[str, Any]] = {"priority": Priority.HIGH, "icon": "shield"}

NOTIFICATIONS: Final = Notifications(
    types=(
        NotificationType(
            code="PERMISSION_CHANGED",
            name=Text("权限变更", "Permissions changed"),
            cause=StaffRightsChanged,
            notice=_rights_changed,
            values=RightsChangedValues,
            title=Text("您的权限已变更", "Your permissions have changed"),
            content=Text("{{operatorName}} 修改了您的权限：{{summary}}", "{{operatorName}} made changes: {{summary}}"),
            **_SHARED,
        ),
        NotificationType(
            code="ACCOUNT_SECURITY",
            name=Text("异常登录提醒", "Unusual log-in"),
            cause=StaffLoginRecorded,
            notice=_unusual_login,
            values=SecurityValues,
            title=Text("账号在{{summary}}登录", "Log-in from {{summary}}"),
            content=Text(
                "{{time}}，IP {{address}}。若非本人操作，请立即修改密码",
                "{{time}}, address {{address}}. If that was not you, change your password now",
            ),
            color="danger",
            **_SHARED,
        ),
        NotificationType(
            code="PASSWORD_CHANGED",
            name=Text("密码已修改", "Password changed"),
            cause=StaffPasswordChanged,
            notice=_password_changed,
            values=PasswordChangedValues,
            title=Text("您的登录密码已修改", "Your password has been changed"),
            content=Text("{{time}}，操作人：{{operatorName}}", "{{time}}, by {{operatorName}}"),
            color="warning",
            **_SHARED,
        ),
    )
)
