"""Sources of the customers area for a customer's timeline: rows of its logs, as entries."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.behaviour.model import BEHAVIOUR_LABELS, BehaviourKind
from domain.customers.follow_ups.model import FOLLOW_UP_TYPE_LABELS, FollowUpType
from domain.customers.stages import STAGE_LABELS, Stage
from domain.shared.authority import StaffAuthority
from domain.shared.text import Text
from domain.shared.timeline import TimelineCursor, TimelineEntry, TimelineSource, first_after
from integrations.mongo.customers.behaviour import COLLECTION as ACTIONS
from integrations.mongo.customers.logs import ASSIGNMENTS, FOLLOW_UPS, POOL_MOVES, STAGES
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, reference

_TIES: Final = 50
"""Rows of one customer at one instant: more are not written."""
_POOL: Final[Mapping[str, tuple[str, Text]]] = {
    "enter": ("enteredPool", Text("进入公海", "Moved to the pool")),
    "release": ("released", Text("释放到公海", "Released to the pool")),
    "claim": ("claimed", Text("从公海领取", "Claimed from the pool")),
    "assign": ("assignedFromPool", Text("从公海分配", "Assigned from the pool")),
}


class LogSource(TimelineSource):
    """One log."""

    permissions: Final = ("customer:view",)

    def __init__(
        self,
        database: "AsyncIOMotorDatabase[Document]",
        name: str,
        collection: str,
        time_field: str,
        entry_of: Callable[[Document], TimelineEntry | None],
    ) -> None:
        self._rows = database[collection]
        self._name = name
        self._time_field = time_field
        self._entry_of = entry_of

    @property
    def name(self) -> str:
        return self._name

    async def entries(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> list[TimelineEntry]:
        wanted: dict[str, Any] = {"customerId": reference(customer_id)}
        if before is not None:
            wanted[self._time_field] = {"$lte": before.at}
        order = [(self._time_field, -1), ("_id", -1)]
        with store_failures():
            rows = await self._rows.find(wanted).sort(order).limit(limit + _TIES).to_list(None)
        return first_after(before, (entry for row in rows if (entry := self._entry_of(row)) is not None), limit)


def customer_sources(database: "AsyncIOMotorDatabase[Document]") -> tuple[TimelineSource, ...]:
    return (
        LogSource(database, "assignments", ASSIGNMENTS, "assignedAt", _assignment),
        LogSource(database, "pool", POOL_MOVES, "operatedAt", _pool_move),
        LogSource(database, "stages", STAGES, "changedAt", _stage),
        LogSource(database, "followUps", FOLLOW_UPS, "createdAt", _follow_up),
        LogSource(database, "behaviour", ACTIONS, "at", _behaviour),
    )


def _assignment(row: Document) -> TimelineEntry | None:
    if row.get("action") == "release" or row.get("leftPool"):  # the pool's log has it
        return None
    return TimelineEntry(
        id=str(row["_id"]),
        at=row["assignedAt"],
        kind="assigned",
        title=Text("分配客户", "Assigned"),
        detail=_same(row.get("reason", "")),
        actor_id=_id(row, "assignedBy"),
        from_id=_id(row, "oldAssignedTo"),
        to_id=_id(row, "newAssignedTo"),
    )


def _pool_move(row: Document) -> TimelineEntry | None:
    kind, title = _POOL.get(row.get("action", ""), ("", Text("", "")))
    if not kind:
        return None
    return TimelineEntry(
        id=str(row["_id"]),
        at=row["operatedAt"],
        kind=kind,
        title=title,
        detail=_same(row.get("reason", "")),
        actor_id=_id(row, "operatorId"),
        from_id=_id(row, "fromUserId"),
        to_id=_id(row, "toUserId"),
    )


def _stage(row: Document) -> TimelineEntry:
    before, after = STAGE_LABELS[Stage(row["fromStage"])], STAGE_LABELS[Stage(row["toStage"])]
    return TimelineEntry(
        id=str(row["_id"]),
        at=row["changedAt"],
        kind="stage",
        title=Text("状态变更", "Status changed"),
        detail=Text(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}"),
        actor_id=_id(row, "operatorId"),
    )


def _follow_up(row: Document) -> TimelineEntry:
    known = row.get("type") in set(FollowUpType)
    kind = FOLLOW_UP_TYPE_LABELS[FollowUpType(row["type"]) if known else FollowUpType.OTHER]
    return TimelineEntry(
        id=str(row["_id"]),
        at=row["createdAt"],
        kind="followUp",
        title=Text(f"跟进 · {kind.zh}", f"Follow-up · {kind.en}"),
        detail=_same(row.get("content", "")),
        actor_id=_id(row, "createdBy"),
    )


def _behaviour(row: Document) -> TimelineEntry | None:
    if row.get("action") not in set(BehaviourKind):
        return None
    return TimelineEntry(
        id=str(row["_id"]),
        at=row["at"],
        kind="behaviour",
        title=BEHAVIOUR_LABELS[BehaviourKind(row["action"])],
        detail=_same(row.get("content", "")),
    )


def _id(row: Document, name: str) -> str:
    return str(row.get(name, ""))


def _same(text: str) -> Text:
    """A text that people wrote, the same in every language."""
    return Text(text, text)
