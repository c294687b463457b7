"""Who comes in, who waits, who returns, and when a room ends."""

import pytest

from domain.interviews.errors import (
    Banned,
    LobbyFull,
    NoSuchTarget,
    NotHost,
    NotJoined,
    RoomEnded,
    RoomFull,
    RoomLocked,
    TicketInvalid,
)
from domain.interviews.live.commands import Kick, LobbyDecide, Unban, Update
from domain.interviews.live.host_rules import enforce_ban, revoke_invite
from domain.interviews.people import Phase
from domain.interviews.record.model import EndReason
from tests.domain.interviews.table import Table, a_guest, at

GUEST, OTHER = a_guest("guest"), a_guest("other")


def test_a_room_is_live_when_host_and_guest_first_meet() -> None:
    table = Table()
    table.join()
    phases = [table.room.phase]

    table.join(GUEST)

    assert [*phases, table.room.phase] == [Phase.WAITING, Phase.LIVE]
    assert table.room.started_at == at(0)
    assert table.last(table.host, "peerJoined").participant.participant_id == GUEST


def test_a_dropped_guest_keeps_the_seat_for_thirty_seconds_and_nobody_is_told_that_they_left() -> None:
    table = Table()
    table.join()
    table.join(GUEST)
    table.drop(GUEST)
    table.wait(29)

    table.come_back(GUEST)

    assert table.events(table.host)[-2:] == ["peerReconnecting", "peerResumed"]
    assert "peerLeft" not in table.events(table.host)


def test_after_thirty_seconds_they_have_left_and_may_come_again_as_the_same_person() -> None:
    table = Table(locked=False)
    table.join()
    table.join(GUEST)
    table.drop(GUEST)

    table.wait(30)

    assert table.last(table.host, "peerLeft").reason == "timeout"
    with pytest.raises(NotJoined):
        table.come_back(GUEST)
    table.do(table.host, Update(locked=True, lobby_enabled=True))
    assert table.join(GUEST).admitted


def test_the_hosts_absence_begins_after_their_seat_and_no_guest_stops_it() -> None:
    table = Table()
    table.join()
    table.join(GUEST)
    table.drop(table.host)
    table.wait(31)
    deadline = table.room.absence_ends_at

    table.join(OTHER)

    assert table.room.phase is Phase.HOST_ABSENT
    assert table.last(GUEST, "hostAbsent").grace_ends_at == deadline == at(30 + 600)
    assert table.room.absence_ends_at == deadline
    table.wait(600)
    assert table.last(OTHER, "roomEnded").end_reason is EndReason.HOST_TIMEOUT


def test_the_hosts_return_stops_the_clock() -> None:
    table = Table()
    table.join()
    table.join(GUEST)
    table.leave(table.host)
    table.wait(599)

    table.join()
    table.wait(3600)

    assert table.room.phase is Phase.LIVE
    assert "hostBack" in table.events(GUEST)


def test_an_hour_without_anybody_coming_or_going_ends_nothing() -> None:
    table = Table()
    table.join()
    table.join(GUEST)

    table.wait(3 * 3600)

    assert table.room.phase is Phase.LIVE


def test_a_host_may_wait_alone_until_the_last_hour() -> None:
    table = Table()
    table.join()

    table.wait(4 * 3600 - 1)
    assert not table.room.over
    table.wait(1)

    assert table.last(table.host, "roomEnded").end_reason is EndReason.MAX_DURATION


@pytest.mark.parametrize(
    ("guest_came", "guest_stays", "reason"),
    [
        (False, False, EndReason.NO_SHOW_TIMEOUT),
        (True, False, EndReason.EMPTY_TIMEOUT),
        (True, True, EndReason.HOST_TIMEOUT),
    ],
)
def test_a_room_whose_host_never_comes_ends_and_says_why(
    guest_came: bool, guest_stays: bool, reason: EndReason
) -> None:
    table = Table()
    if guest_came:
        table.join(GUEST)
        if not guest_stays:
            table.leave(GUEST)

    table.wait(600)

    assert (table.room.over, table.room.ending) == (True, reason)


def test_a_second_device_takes_the_place_of_the_first_which_has_no_say_any_more() -> None:
    table = Table()
    table.join()
    table.join(GUEST)
    first = table.connections[GUEST]

    table.join(GUEST)

    assert [event for event, _ in table.heard[first]][-1] == "youSuperseded"
    assert "youSuperseded" not in table.events(GUEST)
    assert len(table.room.inside) == 2
    with pytest.raises(NotJoined):
        table.do(table.host, Update(locked=True), connection=first)


def test_a_late_goodbye_of_the_first_device_moves_nobody() -> None:
    table = Table()
    table.join()
    before = table.connections[table.host]
    table.join()
    now = table.connections[table.host]
    table.connections[table.host] = before

    table.drop(table.host)

    assert table.seat(table.host).connection == now


@pytest.mark.parametrize(("mode", "most"), [("zego", 6), ("mesh", 4)])
def test_no_more_come_in_than_there_are_chairs_and_the_hosts_is_kept_free(mode: str, most: int) -> None:
    table = Table(media_mode=mode)
    for number in range(most - 1):
        table.join(a_guest(str(number)))

    with pytest.raises(RoomFull):
        table.join(a_guest("one more"))
    table.join()
    with pytest.raises(RoomFull):
        table.join(a_guest("one more"))

    assert len(table.room.inside) == most


def test_a_locked_room_lets_nobody_new_in() -> None:
    table = Table(locked=True)
    table.join()

    with pytest.raises(RoomLocked):
        table.join(GUEST)


def test_who_waits_hears_nothing_of_the_room_until_the_host_admits_them() -> None:
    table = Table(lobby_enabled=True)
    table.join()
    assert not table.join(GUEST).admitted
    table.do(table.host, Update(chat_enabled=False))
    assert table.events(GUEST) == []
    assert table.inside == {table.host}

    table.do(table.host, LobbyDecide(participant_id=GUEST, accept=True))

    assert table.events(GUEST) == ["lobbyAdmitted"]
    assert table.join(GUEST).admitted
    assert table.last(table.host, "lobbyWaiting").waiting == []


def test_who_is_denied_is_told_why_and_is_at_the_door_no_more() -> None:
    table = Table(lobby_enabled=True)
    table.join()
    table.join(GUEST)

    table.do(table.host, LobbyDecide(participant_id=GUEST, accept=False, reason="明天再来"))

    assert table.last(GUEST, "lobbyDenied").reason == "明天再来"
    assert table.room.waiting == ()
    with pytest.raises(NoSuchTarget):
        table.do(table.host, LobbyDecide(participant_id=GUEST, accept=True))


def test_when_the_waiting_room_is_closed_everybody_who_waits_may_come_in() -> None:
    table = Table(lobby_enabled=True)
    table.join()
    table.join(GUEST)

    table.do(table.host, Update(lobby_enabled=False))

    assert table.events(GUEST) == ["lobbyAdmitted"]


def test_only_so_many_wait() -> None:
    table = Table(lobby_enabled=True)
    for number in range(20):
        table.join(a_guest(str(number)))

    with pytest.raises(LobbyFull):
        table.join(GUEST)


def test_the_kicked_are_told_leave_and_neither_they_nor_a_new_face_of_their_invitation_return() -> None:
    table = Table()
    table.join()
    table.join(GUEST, invite="family")
    table.join(OTHER, invite="family")

    table.do(table.host, Kick(participant_id=GUEST, reason="打扰"))

    assert table.events(GUEST)[-1] == "youKicked"
    assert "peerLeft" not in table.events(GUEST)
    assert table.last(OTHER, "peerLeft").reason == "kicked"
    for person in (GUEST, a_guest("fresh ticket")):
        with pytest.raises(Banned):
            table.join(person, invite="family")
    table.leave(OTHER)
    assert table.join(OTHER, invite="family").admitted


def test_a_kick_without_a_ban_leaves_the_way_back_open() -> None:
    table = Table()
    table.join()
    table.join(GUEST)

    table.do(table.host, Kick(participant_id=GUEST, ban=False))

    assert table.join(GUEST).admitted


def test_a_ban_can_be_lifted() -> None:
    table = Table()
    table.join()
    table.join(GUEST)
    table.do(table.host, Kick(participant_id=GUEST))

    table.do(table.host, Unban(participant_id=GUEST))

    assert table.join(GUEST).admitted


def test_a_ban_of_the_record_is_carried_out_once() -> None:
    table = Table()
    table.join()
    table.join(GUEST)

    table.step(lambda step: enforce_ban(step, GUEST))
    told = [event.event for event in table.told]
    table.step(lambda step: enforce_ban(step, GUEST))

    assert told == ["youKicked", "peerLeft"]
    assert table.told == []


def test_guests_decide_nothing_and_nobody_puts_out_the_host() -> None:
    table = Table()
    table.join()
    table.join(GUEST)

    for command in (
        Update(locked=True),
        Kick(participant_id=table.host),
        LobbyDecide(participant_id=OTHER, accept=True),
    ):
        with pytest.raises(NotHost):
            table.do(GUEST, command)
    with pytest.raises(NotJoined):
        table.do(OTHER, Update(locked=True))
    with pytest.raises(NoSuchTarget):
        table.do(table.host, Kick(participant_id=table.host))


def test_the_host_may_decide_by_rest_without_sitting_in_the_room() -> None:
    table = Table()
    table.join(GUEST)

    table.do(table.host, Kick(participant_id=GUEST), connection=None)

    assert table.inside == set()
    with pytest.raises(NotHost):
        table.do(GUEST, Update(locked=True), connection=None)


def test_a_withdrawn_invitation_brings_nobody_new_in() -> None:
    table = Table()
    table.join(GUEST, invite="one")
    table.step(lambda step: revoke_invite(step, "one"))

    with pytest.raises(TicketInvalid):
        table.join(OTHER, invite="one")
    table.leave(GUEST)

    assert table.join(GUEST, invite="one").admitted


def test_the_end_is_the_last_thing_anybody_hears_and_comes_once() -> None:
    table = Table(lobby_enabled=True)
    table.join()
    table.join(GUEST)

    table.end(EndReason.DISMISSED)
    first = table.room
    table.end(EndReason.ADMIN)

    assert table.room is first
    assert table.events(table.host)[-1] == table.events(GUEST)[-1] == "roomEnded"
    assert "youKicked" not in table.events(GUEST)
    with pytest.raises(RoomEnded):
        table.join(GUEST)


def test_an_end_that_was_decided_closes_the_door_before_it_is_carried_out() -> None:
    table = Table()
    table.step(lambda step: step.set(ending=EndReason.HOST_TIMEOUT))

    with pytest.raises(RoomEnded):
        table.join()
    due = table.room.next_deadline()

    assert due is not None
    assert due <= table.now


def test_a_token_that_runs_out_is_told_of_once_a_minute_before() -> None:
    table = Table()
    table.join()
    table.room = table.room.with_seat(table.seat(table.host).model_copy(update={"token_ends_at": at(7200)}))

    table.wait(7139)
    assert "tokenExpiring" not in table.events(table.host)
    table.wait(600)

    assert table.events(table.host).count("tokenExpiring") == 1
