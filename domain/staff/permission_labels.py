"""Names of permissions, for the catalogue that the page of roles shows."""

from typing import Final

from domain.shared.text import Text

RESOURCE_LABELS: Final[dict[str, Text]] = {
    "resume": Text("阿姨简历", "Worker résumés"),
    "blacklist": Text("黑名单", "Blacklist"),
    "customer": Text("客户", "Customers"),
    "contract": Text("合同", "Contracts"),
    "insurance": Text("保险", "Insurance"),
    "background-check": Text("背景调查", "Background checks"),
    "training-lead": Text("培训线索", "Training leads"),
    "training-order": Text("培训订单", "Training orders"),
    "evaluation": Text("评价", "Evaluations"),
    "user": Text("员工账号", "Staff accounts"),
    "admin": Text("系统管理", "Administration"),
    "audit": Text("操作日志", "Operation log"),
    "baobei": Text("褓贝后台", "Baobei back office"),
    "miniprogram-user": Text("小程序用户", "Mini-program users"),
    "connection": Text("在线员工", "Live connections"),
    "match": Text("智能匹配", "Matching"),
    "interview": Text("视频面试", "Video interviews"),
    "notification": Text("通知", "Notifications"),
    "dashboard": Text("数据概览", "Dashboard"),
}
ACTION_LABELS: Final[dict[str, Text]] = {
    "view": Text("查看", "View"),
    "create": Text("新建", "Create"),
    "edit": Text("编辑", "Edit"),
    "delete": Text("删除", "Delete"),
    "all": Text("全部权限", "Everything"),
    "assign": Text("分配", "Assign"),
    "pool": Text("公海", "Public pool"),
    "export": Text("导出", "Export"),
    "admin": Text("管理", "Administer"),
    "roles": Text("角色与部门", "Roles and departments"),
    "settings": Text("系统设置", "Settings"),
    "statistics": Text("统计", "Statistics"),
    "disconnect": Text("断开连接", "Disconnect"),
    "run": Text("执行", "Run"),
    "host": Text("主持", "Host"),
    "manage": Text("管理所有面试", "Manage all"),
    "announce": Text("发布公告", "Announce"),
    "finance": Text("财务数据", "Finance"),
}
_COLORS: Final = {"view": "blue", "create": "green", "edit": "orange", "delete": "red", "all": "purple"}


def label_of(permission: str) -> Text:
    """The permission with its resource; the key itself when it is in no catalogue, such as one of an imported role."""
    resource, _, action = permission.partition(":")
    of, verb = RESOURCE_LABELS.get(resource), ACTION_LABELS.get(action)
    return Text(f"{of.zh} · {verb.zh}", f"{of.en}: {verb.en.lower()}") if of and verb else Text(permission, permission)


def color_of(action: str) -> str:
    """The colour in which the former system shows the action."""
    return _COLORS.get(action, "cyan")
