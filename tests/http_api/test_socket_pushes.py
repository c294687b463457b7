"""Every role × every push of every namespace, generated from the declarations: who gets it, and who does not."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Final

from domain.audit.events import AuditLogGrew
from domain.contracts.board.card import card_of
from domain.contracts.events import ContractChanged, ContractStatusChanged
from domain.contracts.statuses import ContractStatus
from domain.customers.events import CustomerCard, CustomerChanged, DictionaryChanged, ResponseBreached
from domain.customers.stages import Stage
from domain.interviews.events import InterviewScheduled, LiveRoomPushed
from domain.interviews.live.socket_rooms import participants_room
from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.record.model import MANAGE
from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk
from domain.notifications.events import NotificationsRead
from domain.presence.events import ConnectionClosed, ConnectionOpened
from domain.presence.model import Connection
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.events import DomainEvent
from domain.staff.events import StaffAccessChanged, StaffChanged
from domain.staff.login_log import StaffLoginRecorded
from domain.statistics.events import StatisticsChanged
from domain.tasks.events import TaskFinished
from domain.users.events import UserChanged
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.interview.pushes import CLOSING_EVENTS, RELAYED, REMOVING_EVENTS, RESYNC, ROOM_PUSHES
from realtime.namespaces.registry import NAMESPACES
from realtime.namespaces.staff import StaffNamespace
from tests.contract_api import ContractApi
from tests.domain.contracts.builders import a_contract
from tests.http_api.socket_members import INTERVIEW, ROOM, Member, open_room
from tests.waiting import eventually

MARK: Final = ("/account", "accessChanged")
"""Every member may get this push."""
PERSONAL: Final = {("/notifications", event) for event in ("notification", "unreadCount", "refresh")}
"""For one person each, whatever the role: the tests of the namespace send them."""


def _common(api: ContractApi) -> dict[str, Any]:
    return {"id": api.stores.ids.next_id(), "at": api.stores.clock.now()}


Reader = Callable[[Member], bool]


def pushed_by(api: ContractApi, members: list[Member]) -> list[tuple[str, str, DomainEvent, Reader]]:
    """For each push of staff: an event that it follows from, and the members whom it concerns."""
    employee = next(each for each in members if each.role == Role.EMPLOYEE)
    card = card_of(a_contract(created_by=employee.id))
    texts = dict.fromkeys(("id", "customer_id", "name", "phone", "lead_source"), "x")
    owners = {"owner_id": employee.id, "created_by": employee.id}
    customer = CustomerCard(**texts, **owners, stage=Stage.PENDING, in_pool=False, version=1)
    change = {"card": card, "actor": SYSTEM.ref(), "cause": "edited"}
    connection = Connection(
        id="c" * 24,
        staff_id=employee.id,
        **dict.fromkeys(("name", "role", "transport", "device", "user_agent", "address", "worker"), ""),
        namespaces=(),
        connected_at=api.stores.clock.now(),
    )
    numbers = dict.fromkeys(("total", "today_registered", "today_active", "today_logins", "online"), 1)
    steps = {"from_status": ContractStatus.DRAFT, "to_status": ContractStatus.SIGNING}
    now = api.stores.clock.now()

    def everybody(_: Member) -> bool:
        return True

    def owner(member: Member) -> bool:
        return member is employee

    def sees_contract(member: Member) -> bool:
        return owner(member) or member.role in (Role.ADMIN, Role.MANAGER, Role.OPERATOR)

    def sees_customer(member: Member) -> bool:
        return sees_contract(member) or member.role == Role.DISPATCH

    def sees_room(member: Member) -> bool:
        return owner(member) or member.may(MANAGE)

    return [
        ("/statistics", "statistics", StatisticsChanged(
            **_common(api), date=date(2026, 1, 1), version=2**60, **numbers), everybody),
        ("/users", "userChanged", UserChanged(**_common(api), user_id="u", change="updated", version=1), everybody),
        ("/connections", "connected", ConnectionOpened(**_common(api), connection=connection), everybody),
        ("/connections", "disconnected", ConnectionClosed(
            **_common(api), connection_id="c" * 24, staff_id=employee.id), everybody),
        ("/interviews", "interviewChanged", InterviewScheduled(
            **_common(api), room_id=ROOM, host_user_id=employee.id), sees_room),
        ("/contracts", "contractStatus", ContractStatusChanged(**_common(api), **change, **steps), sees_contract),
        ("/contracts", "contractChanged", ContractChanged(**_common(api), **change), sees_contract),
        ("/contracts", "taskFinished", TaskFinished(
            **_common(api), task_id="t" * 24, kind="contract.preview", subject=card.id,
            owner_kind="staff", owner_id=employee.id, failed=False), owner),
        ("/customers", "customerChanged", CustomerChanged(
            **_common(api), card=customer, actor=SYSTEM.ref(), change="updated"), sees_customer),
        ("/customers", "responseBreached", ResponseBreached(
            **_common(api), card=customer, actor=SYSTEM.ref(), assigned_at=now, due_at=now), sees_customer),
        ("/customers", "dictionaryChanged", DictionaryChanged(**_common(api), code="c", version=1), everybody),
        ("/notifications", "notificationsRead", NotificationsRead(
            **_common(api), user_id=employee.id, ids=("n",)), owner),
        ("/monitoring", "disks", DiskMeasured(
            **_common(api), disk=Disk(machine="m", volume="data", free_bytes=1, total_bytes=9)), everybody),
        ("/audit", "auditGrew", AuditLogGrew(**_common(api), count=3), everybody),
        ("/account", "accessChanged", StaffAccessChanged(**_common(api), staff_id=employee.id), owner),
        ("/staff", "changed", StaffChanged(**_common(api), staff_id=employee.id), everybody),
        ("/staff", "login", StaffLoginRecorded(
            id=api.stores.ids.next_id(), at=now, username="x", result="failed"), lambda each: each.may("user:edit")),
    ]  # fmt: skip


async def test_a_push_reaches_the_roles_that_it_is_for_and_no_others(api: ContractApi, members: list[Member]) -> None:
    staff = {each.name: each for each in NAMESPACES if issubclass(each, StaffNamespace)}
    samples = pushed_by(api, members)
    declared = {(name, push.event) for name, each in staff.items() for push in each.pushes}
    snapshots = {(name, event) for name, event in declared if event == "snapshot"}
    assert {sample[:2] for sample in samples} | snapshots | PERSONAL == declared
    for name, event in snapshots:
        shown = {each.role: bool(each.socket.received(name, event)) for each in members}
        assert shown == {each.role: each.enters(staff[name]) for each in members}, name

    for name, event, cause, concerns in samples:
        for member in members:
            member.socket.pushed.clear()
        due = {each.role for each in members if each.enters(staff[name]) and concerns(each)}
        await api.stores.bus.publish([cause])
        await settled(api, members, before=due if (name, event) == MARK else set())
        if (name, event) != MARK:
            assert {each.role for each in members if each.socket.received(name, event)} == due, (name, event)


async def settled(api: ContractApi, members: list[Member], before: Collection[str] = ()) -> None:
    """Waits for a mark behind all pushes until now, which arrive in the order of the stream. `before`: the roles that
    must have got the push of the mark once already, and no others."""
    await api.stores.bus.publish([StaffAccessChanged(**_common(api), staff_id=each.id) for each in members])
    due = {each.role: 2 if each.role in before else 1 for each in members}
    await eventually(lambda: {each.role: len(each.socket.received(*MARK)) for each in members} == due, 10)


async def test_the_pushes_of_an_interview_reach_its_participants_only(api: ContractApi, members: list[Member]) -> None:
    by_role = {each.role: each for each in members}
    host, guest = by_role[Role.OPERATOR], by_role[Role.MANAGER]
    room = await open_room(api, host, ROOM)
    for each in (host, guest):
        assert await each.socket.ask(INTERVIEW, "join", roomId=room) == "ok"
    assert {push.event for push in InterviewNamespace.pushes} == {
        push.event for push in (*ROOM_PUSHES, *RELAYED, RESYNC)
    }
    for member in members:
        member.socket.pushed.clear()

    session = {"to": staff_participant_id(room, guest.id), "connId": "c1"}
    for push in RELAYED:
        payload = {**session, "sdp": "v=0"} if push.event in ("offer", "answer") else session
        assert await host.socket.ask(INTERVIEW, push.event, **payload) == "ok"
    events = [push.event for push in ROOM_PUSHES if push.event not in REMOVING_EVENTS]
    await tell(api, host, room, *events)
    await settled(api, members)
    for event in events:
        assert {each.role for each in members if each.socket.received(INTERVIEW, event)} == {host.role, guest.role}
    for push in RELAYED:
        assert [each.role for each in members if each.socket.received(INTERVIEW, push.event)] == [guest.role]

    for event in sorted(REMOVING_EVENTS):  # each ends the seats of its receivers
        for member in members:
            member.socket.pushed.clear()
        for each in (host, guest):
            await each.socket.enter(INTERVIEW)
            assert await each.socket.ask(INTERVIEW, "join", roomId=room) == "ok"
        await tell(api, host, room, event)
        await settled(api, members)
        if event in CLOSING_EVENTS:
            await eventually(lambda: not any(INTERVIEW in each.socket.entered for each in (host, guest)), 10)
        assert {each.role for each in members if each.socket.received(INTERVIEW, event)} == {host.role, guest.role}


async def tell(api: ContractApi, host: Member, room: str, *events: str) -> None:
    rooms = (participants_room(room),)
    told = {"room_id": room, "host_user_id": host.id, "rooms": rooms, "payload": {}}
    await api.stores.bus.publish([LiveRoomPushed(**_common(api), **told, event=event) for event in events])
