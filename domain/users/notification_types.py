"""The notifications about mini-program users that overseers must know."""

from typing import Final

from pydantic import Field

from domain.shared.model import Model
from domain.shared.notifications import Notice, Notifications, NotificationType, Priority, Recipients, RecordRef
from domain.shared.text import Text
from domain.users.events import UserBlocked


class UserBlockedValues(Model):
    user_id: str = Field(examples=["65f0c1d2e3a4b5c6d7e8f901"])
    nickname: str = Field(examples=["小王"])
    operator_name: str = Field(examples=["李经理"])
    reason: str = Field(examples=["恶意下单"])


def _blocked(event: UserBlocked) -> Notice:
    values = UserBlockedValues(
        user_id=event.user_id,
        nickname=event.nickname or f"…{event.user_id[-6:]}",
        operator_name=event.by.name,
        reason=event.reason,
    )
    to = Recipients(overseers=True, without=(event.by.id,))
    return Notice(fact=event.id, to=to, about=RecordRef(kind="miniprogram-user", id=event.user_id), values=values)


NOTIFICATIONS: Final = Notifications(
    types=(
        NotificationType(
            code="MINIPROGRAM_USER_BLOCKED",
            name=Text("小程序用户被封禁", "Mini-program user blocked"),
            priority=Priority.MEDIUM,
            cause=UserBlocked,
            notice=_blocked,
            values=UserBlockedValues,
            title=Text("{{operatorName}} 封禁了用户 {{nickname}}", "{{operatorName}} blocked {{nickname}}"),
            content=Text("原因：{{reason}}", "Reason: {{reason}}"),
            action_url="#/users?user={{userId}}",
            action_text=Text("查看用户", "View user"),
            icon="user",
            permission="miniprogram-user:view",
        ),
    )
)
