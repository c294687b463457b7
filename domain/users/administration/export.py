"""Exports the list of users as a spreadsheet."""

from collections.abc import AsyncIterator

from domain.audit.recorded_exports import ExportedList, RecordedExports
from domain.shared.actor import Actor
from domain.shared.masking import mask_id, mask_phone
from domain.shared.places.region import UNKNOWN
from domain.shared.spreadsheets import Column, Export, Row
from domain.users.change_events import AUDIT_TARGET
from domain.users.model import ShownStatus, User
from domain.users.ports import UserList
from domain.users.user_query import UserQuery

MAX_ROWS = 100_000

COLUMNS = (
    Column(title="用户ID", width=26),
    Column(title="昵称", width=18),
    Column(title="手机号", width=14),
    Column(title="账号", width=18),
    Column(title="OpenID", width=14),
    Column(title="性别", width=6),
    Column(title="省份", width=10),
    Column(title="城市", width=12),
    Column(title="状态", width=8),
    Column(title="登录次数", width=10),
    Column(title="最近登录", width=20),
    Column(title="注册时间", width=20),
)
_STATUSES: dict[ShownStatus, str] = {"active": "活跃", "inactive": "不活跃", "blocked": "已封禁"}
_GENDERS = {1: "男", 2: "女"}


class UserExport:
    def __init__(self, users: UserList, exports: RecordedExports) -> None:
        self._users = users
        self._exports = exports

    async def workbook(self, query: UserQuery, clear: bool, actor: Actor) -> Export:
        """A workbook of all matching accounts; phones and openids are masked unless `clear`.

        The audit row is written first. Raises ExportTooLarge, SearchTooBroad.
        """
        exported = ExportedList(
            kind=AUDIT_TARGET,
            title="小程序用户",
            columns=COLUMNS,
            rows=self._rows(query, clear),
            count=await self._users.count(query, MAX_ROWS + 1),
        )
        filters = query.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return await self._exports.export(exported, MAX_ROWS, filters, "zh", actor, clear=clear)

    async def _rows(self, query: UserQuery, clear: bool) -> AsyncIterator[Row]:
        async for user in self._users.stream(query, MAX_ROWS):
            yield self._row(user, query, clear)

    def _row(self, user: User, query: UserQuery, clear: bool) -> Row:
        phone = user.phone if clear or not user.phone else mask_phone(user.phone)
        openid = user.openid if clear or not user.openid else mask_id(user.openid)
        return (
            *(user.id, user.nickname, phone, user.username, openid, _GENDERS.get(user.gender or 0, "未知")),
            *(user.region.province or UNKNOWN, user.region.city, _STATUSES[user.shown_status(query.now)]),
            *(user.login_count, user.last_login_at, user.created_at),
        )
