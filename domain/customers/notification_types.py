"""The table of notification types of the customers area."""

from datetime import timedelta
from typing import Any, Final

from domain.customers.behaviour.events import CustomerActed
from domain.customers.events import (
    CustomerAssigned,
    CustomerChanged,
    CustomerFollowedUp,
    CustomerPoolMoved,
    CustomerStageChanged,
    CustomerTransferred,
    FollowUpReminderDue,
    ResponseBreached,
)
from domain.customers.notices import (
    KIND,
    ActedValues,
    AssignedValues,
    AutoTransferValues,
    ChangedHandsValues,
    CreatedValues,
    CustomerValues,
    FollowUpDueValues,
    FollowUpValues,
    ReclaimedValues,
    ResponseOverdueValues,
    StatusValues,
    acted,
    assigned,
    assigned_from_pool,
    created,
    follow_up_added,
    follow_up_due,
    new_owner,
    reclaimed,
    response_overdue,
    status_changed,
    transferred,
    transferred_in,
    transferred_out,
)
from domain.shared.notifications import Notifications, NotificationType, OwnershipRule, Priority
from domain.shared.scope import Resource
from domain.shared.text import Text

_FORMER_OWNER: Final[dict[str, Any]] = {
    "icon": "customer",
    "permission": "customer:view",
}
"""Of types for those who cannot open the customer any more: no data scope and no link."""
_SHARED: Final[dict[str, Any]] = {
    **_FORMER_OWNER,
    "action_url": f"#/customers?{KIND}={{{{customerId}}}}",
    "action_text": Text("查看客户", "View customer"),
    "resource": Resource.CUSTOMER,
}

_OF_A_RUN: Final[dict[str, Any]] = {
    **_FORMER_OWNER,
    "values": AutoTransferValues,
    "cause": CustomerTransferred,
    "action_url": "#/customers",
    "action_text": Text("查看客户", "View customers"),
    "merge": timedelta(hours=1),
}
"""One notification for each person and run; its count is the number of leads."""

_TYPES: Final[tuple[NotificationType[Any], ...]] = (
    NotificationType(
        code="CUSTOMER_CREATED",
        name=Text("新客户", "New customer"),
        priority=Priority.MEDIUM,
        cause=CustomerChanged,
        notice=created,
        values=CreatedValues,
        title=Text("新客户 {{customerName}}", "New customer {{customerName}}"),
        content=Text(
            "{{creatorName}} 录入了客户 {{customerName}}（{{phone}}），来源：{{leadSource}}",
            "{{creatorName}} added {{customerName}} ({{phone}}), source: {{leadSource}}",
        ),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_ASSIGNED",
        name=Text("客户分配给您", "Customer assigned to you"),
        priority=Priority.HIGH,
        cause=CustomerChanged,
        notice=assigned,
        values=AssignedValues,
        title=Text("客户 {{customerName}} 已分配给您", "{{customerName}} was assigned to you"),
        content=Text(
            "电话 {{phone}}，来源：{{leadSource}}，请尽快联系",
            "Phone {{phone}}, source: {{leadSource}}. Please contact them soon",
        ),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_ASSIGNED_FROM_POOL",
        name=Text("公海客户分配给您", "Pool customer assigned to you"),
        priority=Priority.HIGH,
        cause=CustomerChanged,
        notice=assigned_from_pool,
        values=CustomerValues,
        title=Text("公海客户 {{customerName}} 已分配给您", "{{customerName}} was assigned to you from the pool"),
        content=Text("请尽快联系客户", "Please contact them soon"),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_RECLAIMED",
        name=Text("客户已进入公海", "Customer moved to the pool"),
        priority=Priority.MEDIUM,
        cause=CustomerPoolMoved,
        notice=reclaimed,
        values=ReclaimedValues,
        title=Text("您的客户 {{customerName}} 已进入公海", "{{customerName}} was moved to the pool"),
        content=Text("原因：{{reason}}", "Reason: {{reason}}"),
        color="warning",
        **_FORMER_OWNER,
    ),
    NotificationType(
        code="CUSTOMER_TRANSFERRED",
        name=Text("客户已转给他人", "Customer given to a colleague"),
        priority=Priority.HIGH,
        cause=CustomerAssigned,
        notice=transferred,
        values=ChangedHandsValues,
        title=Text("您的客户 {{customerName}} 已转给同事", "{{customerName}} was given to a colleague"),
        content=Text("操作人 {{operatorName}}。{{reason}}", "By {{operatorName}}. {{reason}}"),
        color="warning",
        **_FORMER_OWNER,
    ),
    NotificationType(
        code="LEAD_AUTO_TRANSFER_OUT",
        name=Text("线索已自动流转给他人", "Leads transferred away"),
        priority=Priority.MEDIUM,
        notice=transferred_out,
        title=Text("您有线索被自动流转：{{ruleName}}", "Leads of yours were transferred: {{ruleName}}"),
        content=Text(
            "长时间未跟进的线索已转给同事，最近一条：{{customerName}}",
            "Leads without a follow-up went to colleagues, the last one: {{customerName}}",
        ),
        color="warning",
        **_OF_A_RUN,
    ),
    NotificationType(
        code="LEAD_AUTO_TRANSFER_IN",
        name=Text("有线索自动流转给您", "Leads transferred to you"),
        priority=Priority.HIGH,
        notice=transferred_in,
        title=Text("有线索自动流转给您：{{ruleName}}", "Leads were transferred to you: {{ruleName}}"),
        content=Text(
            "请尽快联系客户，最近一条：{{customerName}}", "Please contact them soon, the last one: {{customerName}}"
        ),
        **_OF_A_RUN,
    ),
    NotificationType(
        code="CUSTOMER_STATUS_CHANGED",
        name=Text("客户状态变化", "Customer status changed"),
        priority=Priority.MEDIUM,
        cause=CustomerStageChanged,
        notice=status_changed,
        values=StatusValues,
        title=Text("客户 {{customerName}}：{{newStatus}}", "{{customerName}}: {{newStatus}}"),
        content=Text("状态由“{{oldStatus}}”变为“{{newStatus}}”", "The status went from {{oldStatus}} to {{newStatus}}"),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_FOLLOW_UP_ADDED",
        name=Text("客户有新跟进", "Follow-up added"),
        priority=Priority.MEDIUM,
        cause=CustomerFollowedUp,
        notice=follow_up_added,
        values=FollowUpValues,
        title=Text("{{operatorName}} 跟进了您的客户 {{customerName}}", "{{operatorName}} contacted {{customerName}}"),
        content=Text("{{summary}}", "{{summary}}"),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_ACTED",
        name=Text("客户主动联系", "Customer got in touch"),
        priority=Priority.HIGH,
        cause=CustomerActed,
        notice=acted,
        values=ActedValues,
        title=Text("客户 {{customerName}}：{{action}}", "{{customerName}}: {{action}}"),
        content=Text("请尽快联系。{{summary}}", "Please contact them soon. {{summary}}"),
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_FOLLOW_UP_DUE",
        name=Text("客户待跟进", "Follow-up due"),
        priority=Priority.MEDIUM,
        cause=FollowUpReminderDue,
        notice=follow_up_due,
        values=FollowUpDueValues,
        title=Text("该跟进客户 {{customerName}} 了", "Time to contact {{customerName}}"),
        content=Text(
            "计划时间 {{dueAt}}，距上次联系 {{days}} 天", "Planned for {{dueAt}}, days since the last contact: {{days}}"
        ),
        color="warning",
        **_SHARED,
    ),
    NotificationType(
        code="CUSTOMER_RESPONSE_OVERDUE",
        name=Text("首次响应超时", "First response overdue"),
        priority=Priority.HIGH,
        cause=ResponseBreached,
        notice=response_overdue,
        values=ResponseOverdueValues,
        title=Text("客户 {{customerName}} 首次响应超时", "First response to {{customerName}} is overdue"),
        content=Text(
            "{{assignedAt}} 分配，应于 {{dueAt}} 前跟进", "Assigned at {{assignedAt}}, to be contacted by {{dueAt}}"
        ),
        color="danger",
        **_SHARED,
    ),
)

NOTIFICATIONS: Final = Notifications(types=_TYPES, ownership=(OwnershipRule(CustomerChanged, new_owner),))
