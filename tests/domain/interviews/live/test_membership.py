"""Who comes in, who waits, who returns, and when a room ends."""

import pytest

from domain.interviews.errors import (
    Banned,
    LobbyFull,
    NotHost,
    NotJoined,
    RoomEnded,
    RoomFull,
    RoomLocked,
    TargetNotFound,
    TicketInvalid,
)
from domain.interviews.live.commands import Kick, LobbyDecide, Unban, Update
from domain.interviews.live.host_rules import enforce_ban, revoke_invite
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from tests.domain.interviews.live.room_scenario import RoomScenario, a_guest, at

GUEST, OTHER = a_guest("guest"), a_guest("other")


def test_a_room_is_live_when_host_and_guest_first_meet() -> None:
    scenario = RoomScenario()
    scenario.join()
    phases = [scenario.room.phase]

    scenario.join(GUEST)

    assert [*phases, scenario.room.phase] == [RoomPhase.WAITING, RoomPhase.LIVE]
    assert scenario.room.started_at == at(0)
    assert scenario.last(scenario.host, "peerJoined").participant.participant_id == GUEST


def test_a_dropped_guest_keeps_the_seat_for_thirty_seconds_and_nobody_is_told_that_they_left() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.drop(GUEST)
    scenario.wait(29)

    scenario.come_back(GUEST)

    assert scenario.events(scenario.host)[-2:] == ["peerReconnecting", "peerResumed"]
    assert "peerLeft" not in scenario.events(scenario.host)


def test_after_thirty_seconds_they_have_left_and_may_come_again_as_the_same_person() -> None:
    scenario = RoomScenario(locked=False)
    scenario.join()
    scenario.join(GUEST)
    scenario.drop(GUEST)

    scenario.wait(30)

    assert scenario.last(scenario.host, "peerLeft").reason == "timeout"
    with pytest.raises(NotJoined):
        scenario.come_back(GUEST)
    scenario.do(scenario.host, Update(locked=True, lobby_enabled=True))
    assert scenario.join(GUEST).admitted


def test_the_hosts_absence_begins_after_their_seat_and_no_guest_stops_it() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.drop(scenario.host)
    scenario.wait(31)
    deadline = scenario.room.absence_ends_at

    scenario.join(OTHER)

    assert scenario.room.phase is RoomPhase.HOST_ABSENT
    assert scenario.last(GUEST, "hostAbsent").grace_ends_at == deadline == at(30 + 600)
    assert scenario.room.absence_ends_at == deadline
    scenario.wait(600)
    assert scenario.last(OTHER, "roomEnded").end_reason is EndReason.HOST_TIMEOUT


def test_the_hosts_return_stops_the_clock() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.leave(scenario.host)
    scenario.wait(599)

    scenario.join()
    scenario.wait(3600)

    assert scenario.room.phase is RoomPhase.LIVE
    assert "hostBack" in scenario.events(GUEST)


def test_an_hour_without_anybody_coming_or_going_ends_nothing() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.wait(3 * 3600)

    assert scenario.room.phase is RoomPhase.LIVE


def test_a_host_may_wait_alone_until_the_last_hour() -> None:
    scenario = RoomScenario()
    scenario.join()

    scenario.wait(4 * 3600 - 1)
    assert not scenario.room.over
    scenario.wait(1)

    assert scenario.last(scenario.host, "roomEnded").end_reason is EndReason.MAX_DURATION


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
    scenario = RoomScenario()
    if guest_came:
        scenario.join(GUEST)
        if not guest_stays:
            scenario.leave(GUEST)

    scenario.wait(600)

    assert (scenario.room.over, scenario.room.ending) == (True, reason)


def test_a_second_device_takes_the_place_of_the_first_which_has_no_say_any_more() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    first = scenario.connections[GUEST]

    scenario.join(GUEST)

    assert [event for event, _ in scenario.heard[first]][-1] == "youSuperseded"
    assert "youSuperseded" not in scenario.events(GUEST)
    assert len(scenario.room.inside) == 2
    with pytest.raises(NotJoined):
        scenario.do(scenario.host, Update(locked=True), connection=first)


def test_a_late_goodbye_of_the_first_device_moves_nobody() -> None:
    scenario = RoomScenario()
    scenario.join()
    before = scenario.connections[scenario.host]
    scenario.join()
    now = scenario.connections[scenario.host]
    scenario.connections[scenario.host] = before

    scenario.drop(scenario.host)

    assert scenario.seat(scenario.host).connection == now


@pytest.mark.parametrize(("mode", "most"), [("zego", 6), ("mesh", 4)])
def test_no_more_come_in_than_there_are_chairs_and_the_hosts_is_kept_free(mode: str, most: int) -> None:
    scenario = RoomScenario(media_mode=mode)
    for number in range(most - 1):
        scenario.join(a_guest(str(number)))

    with pytest.raises(RoomFull):
        scenario.join(a_guest("one more"))
    scenario.join()
    with pytest.raises(RoomFull):
        scenario.join(a_guest("one more"))

    assert len(scenario.room.inside) == most


def test_a_locked_room_lets_nobody_new_in() -> None:
    scenario = RoomScenario(locked=True)
    scenario.join()

    with pytest.raises(RoomLocked):
        scenario.join(GUEST)


def test_who_waits_hears_nothing_of_the_room_until_the_host_admits_them() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    assert not scenario.join(GUEST).admitted
    scenario.do(scenario.host, Update(chat_enabled=False))
    assert scenario.events(GUEST) == []
    assert scenario.inside == {scenario.host}

    scenario.do(scenario.host, LobbyDecide(participant_id=GUEST, accept=True))

    assert scenario.events(GUEST) == ["lobbyAdmitted"]
    assert scenario.join(GUEST).admitted
    assert scenario.last(scenario.host, "lobbyWaiting").waiting == []


def test_who_is_denied_is_told_why_and_is_at_the_door_no_more() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    scenario.join(GUEST)

    scenario.do(scenario.host, LobbyDecide(participant_id=GUEST, accept=False, reason="明天再来"))

    assert scenario.last(GUEST, "lobbyDenied").reason == "明天再来"
    assert scenario.room.waiting == ()
    with pytest.raises(TargetNotFound):
        scenario.do(scenario.host, LobbyDecide(participant_id=GUEST, accept=True))


def test_when_the_waiting_room_is_closed_everybody_who_waits_may_come_in() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    scenario.join(GUEST)

    scenario.do(scenario.host, Update(lobby_enabled=False))

    assert scenario.events(GUEST) == ["lobbyAdmitted"]


def test_only_so_many_wait() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    for number in range(20):
        scenario.join(a_guest(str(number)))

    with pytest.raises(LobbyFull):
        scenario.join(GUEST)


def test_the_kicked_are_told_leave_and_neither_they_nor_a_new_face_of_their_invitation_return() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST, invite="family")
    scenario.join(OTHER, invite="family")

    scenario.do(scenario.host, Kick(participant_id=GUEST, reason="打扰"))

    assert scenario.events(GUEST)[-1] == "youKicked"
    assert "peerLeft" not in scenario.events(GUEST)
    assert scenario.last(OTHER, "peerLeft").reason == "kicked"
    for person in (GUEST, a_guest("fresh ticket")):
        with pytest.raises(Banned):
            scenario.join(person, invite="family")
    scenario.leave(OTHER)
    assert scenario.join(OTHER, invite="family").admitted


def test_a_kick_without_a_ban_leaves_the_way_back_open() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.do(scenario.host, Kick(participant_id=GUEST, ban=False))

    assert scenario.join(GUEST).admitted


def test_a_ban_can_be_lifted() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.do(scenario.host, Kick(participant_id=GUEST))

    scenario.do(scenario.host, Unban(participant_id=GUEST))

    assert scenario.join(GUEST).admitted


def test_a_ban_of_the_record_is_carried_out_once() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.step(lambda step: enforce_ban(step, GUEST))
    told = [event.event for event in scenario.told]
    scenario.step(lambda step: enforce_ban(step, GUEST))

    assert told == ["youKicked", "peerLeft"]
    assert scenario.told == []


def test_guests_decide_nothing_and_nobody_puts_out_the_host() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    for command in (
        Update(locked=True),
        Kick(participant_id=scenario.host),
        LobbyDecide(participant_id=OTHER, accept=True),
    ):
        with pytest.raises(NotHost):
            scenario.do(GUEST, command)
    with pytest.raises(NotJoined):
        scenario.do(OTHER, Update(locked=True))
    with pytest.raises(TargetNotFound):
        scenario.do(scenario.host, Kick(participant_id=scenario.host))


def test_the_host_may_decide_by_rest_without_sitting_in_the_room() -> None:
    scenario = RoomScenario()
    scenario.join(GUEST)

    scenario.do(scenario.host, Kick(participant_id=GUEST), connection=None)

    assert scenario.inside == set()
    with pytest.raises(NotHost):
        scenario.do(GUEST, Update(locked=True), connection=None)


def test_a_withdrawn_invitation_brings_nobody_new_in() -> None:
    scenario = RoomScenario()
    scenario.join(GUEST, invite="one")
    scenario.step(lambda step: revoke_invite(step, "one"))

    with pytest.raises(TicketInvalid):
        scenario.join(OTHER, invite="one")
    scenario.leave(GUEST)

    assert scenario.join(GUEST, invite="one").admitted


def test_the_end_is_the_last_thing_anybody_hears_and_comes_once() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    scenario.join(GUEST)

    scenario.end(EndReason.DISMISSED)
    first = scenario.room
    scenario.end(EndReason.ADMIN)

    assert scenario.room is first
    assert scenario.events(scenario.host)[-1] == scenario.events(GUEST)[-1] == "roomEnded"
    assert "youKicked" not in scenario.events(GUEST)
    with pytest.raises(RoomEnded):
        scenario.join(GUEST)


def test_an_end_that_was_decided_closes_the_door_before_it_is_carried_out() -> None:
    scenario = RoomScenario()
    scenario.step(lambda step: step.set(ending=EndReason.HOST_TIMEOUT))

    with pytest.raises(RoomEnded):
        scenario.join()
    due = scenario.room.next_deadline()

    assert due is not None
    assert due <= scenario.now


def test_a_token_that_runs_out_is_told_of_once_a_minute_before() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.room = scenario.room.with_seat(scenario.seat(scenario.host).model_copy(update={"token_ends_at": at(7200)}))

    scenario.wait(7139)
    assert "tokenExpiring" not in scenario.events(scenario.host)
    scenario.wait(600)

    assert scenario.events(scenario.host).count("tokenExpiring") == 1
