"""Export of the list of users."""

from dataclasses import replace

import pytest

from domain.shared.spreadsheets import ExportTooLarge, Row
from domain.users.administration.export import COLUMNS, MAX_ROWS
from domain.users.user_query import UserFilter, UserQuery
from tests.domain.users.fakes import STAFF, UserArea
from tests.domain.users.memory import MemoryUserList

PHONE = "13800138000"


async def exported(area: UserArea, clear: bool = False, **filters: object) -> list[Row]:
    query = UserQuery(filter=UserFilter.model_validate(filters), now=area.clock.now())
    exported = await area.services.export.workbook(query, clear, STAFF)
    async with exported.workbook:
        return area.spreadsheets.rows


async def test_the_filtered_list_is_exported_masked_unless_clear(area: UserArea) -> None:
    user = (await area.register("王芳", number=PHONE, nickname="小王", province="广东")).user
    await area.login("李雷")

    [masked] = await exported(area, has_phone=True)
    [clear] = await exported(area, clear=True, has_phone=True)

    assert len(masked) == len(COLUMNS)
    assert (masked[0], masked[1], masked[2], masked[6], masked[8]) == (user.id, "小王", "138****8000", "广东", "活跃")
    assert user.openid not in masked
    assert (clear[2], clear[4]) == (PHONE, user.openid)


async def test_an_export_is_audited_before_it_is_written(area: UserArea) -> None:
    await area.login("王芳")

    await exported(area, clear=True, has_phone=False)

    [row] = area.audit.rows
    assert (row.target_id, row.after["rows"], row.after["clear"]) == ("*", 1, True)
    assert row.after["query"]["filter"] == {"hasPhone": False}


class HugeUserList(MemoryUserList):
    async def count(self, query: UserQuery, limit: int) -> int:
        return limit


async def test_too_many_rows_are_refused(area: UserArea) -> None:
    area.ports = replace(area.ports, listing=HugeUserList(area.users))
    export = area.another_process().export

    with pytest.raises(ExportTooLarge) as refused:
        await export.workbook(UserQuery(now=area.clock.now()), False, STAFF)

    assert refused.value.details == {"most_rows": MAX_ROWS}
    assert area.audit.rows == []
