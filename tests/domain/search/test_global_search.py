"""The search of all areas: permissions, masks, and an area that is slow or fails."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.search.service import GlobalSearch, Group
from domain.shared.authority import StaffAuthority
from domain.shared.errors import DomainError, Unavailable
from domain.shared.search import Found, Hit


@dataclass
class Searching:
    area: str
    work: Callable[[], Awaitable[Found]]
    permissions: tuple[str, ...] = ("record:view",)

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        return await self.work()


async def one() -> Found:
    return Found(hits=(Hit(id="1", title="13812345678", detail="电话 13812345678"),), total=1)


async def never() -> Found:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def refuses() -> Found:
    raise DomainError


async def breaks() -> Found:
    raise RuntimeError("unexpected")


def reader(*permissions: str) -> StaffAuthority:
    return StaffAuthority(id="a", username="a", name="甲", role="x", permissions=frozenset(permissions), session_id="s")


async def found(*searchers: Searching, text: str = "电话", by: StaffAuthority | None = None) -> list[Group]:
    return await GlobalSearch(searchers, seconds_per_area=0.05).find(text, by or reader("record:view"))


async def test_a_slow_or_failing_area_says_so_and_the_others_answer() -> None:
    groups = await found(*(Searching(each.__name__, each) for each in (never, refuses, breaks, one)))

    problems = {each.area: type(each.problem) for each in groups if each.problem}
    assert problems == {"never": Unavailable, "refuses": DomainError, "breaks": Unavailable}
    assert groups[-1].found.total == 1


async def test_only_areas_that_the_reader_may_see_are_asked() -> None:
    groups = await found(Searching("a", one), Searching("b", one, ("other:view", "other:edit")), by=reader("other:all"))

    assert [each.area for each in groups] == ["b"]


async def test_numbers_in_hits_are_masked_whatever_the_area_gives() -> None:
    [group] = await found(Searching("a", one))

    assert [(hit.title, hit.detail) for hit in group.found.hits] == [("138****5678", "电话 138****5678")]


async def test_an_empty_text_asks_no_area() -> None:
    assert [each.found for each in await found(Searching("a", one), text="")] == [Found()]
