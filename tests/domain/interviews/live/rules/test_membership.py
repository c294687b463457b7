"""Rules of joining, the lobby, reconnecting, bans, and deadlines of a live room."""

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
from domain.interviews.live.rules.host import enforce_ban, revoke_invite
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from tests.domain.interviews.live.room_scenario import RoomScenario, a_guest, at

GUEST, OTHER = a_guest("guest"), a_guest("other")


def test_the_phase_is_live_when_host_and_guest_first_meet() -> None:
    scenario = RoomScenario()
    scenario.join()
    phases = [scenario.room.phase]

    scenario.join(GUEST)

    assert [*phases, scenario.room.phase] == [RoomPhase.WAITING, RoomPhase.LIVE]
    assert scenario.room.started_at == at(0)
    assert scenario.last(scenario.host, "peerJoined").participant.participant_id == GUEST


def test_a_disconnected_guest_keeps_the_seat_for_thirty_seconds_without_a_leave() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.disconnect(GUEST)
    scenario.wait(29)

    scenario.recover(GUEST)

    assert scenario.events(scenario.host)[-2:] == ["peerReconnecting", "peerResumed"]
    assert "peerLeft" not in scenario.events(scenario.host)


def test_after_thirty_seconds_the_seat_is_given_up_and_the_guest_may_join_again() -> None:
    scenario = RoomScenario(locked=False)
    scenario.join()
    scenario.join(GUEST)
    scenario.disconnect(GUEST)

    scenario.wait(30)

    assert scenario.last(scenario.host, "peerLeft").reason == "timeout"
    with pytest.raises(NotJoined):
        scenario.recover(GUEST)
    scenario.send(scenario.host, Update(locked=True, lobby_enabled=True))
    assert scenario.join(GUEST).admitted


def test_the_grace_period_begins_when_the_hosts_seat_is_given_up_and_no_guest_stops_it() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.disconnect(scenario.host)
    scenario.wait(31)
    deadline = scenario.room.grace_ends_at

    scenario.join(OTHER)

    assert scenario.room.phase is RoomPhase.HOST_ABSENT
    assert scenario.last(GUEST, "hostAbsent").grace_ends_at == deadline == at(30 + 600)
    assert scenario.room.grace_ends_at == deadline
    scenario.wait(600)
    assert scenario.last(OTHER, "roomEnded").end_reason is EndReason.HOST_TIMEOUT


def test_the_hosts_return_stops_the_grace_period() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.leave(scenario.host)
    scenario.wait(599)

    scenario.join()
    scenario.wait(3600)

    assert scenario.room.phase is RoomPhase.LIVE
    assert "hostBack" in scenario.events(GUEST)


def test_a_room_without_any_activity_for_hours_does_not_end() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.wait(3 * 3600)

    assert scenario.room.phase is RoomPhase.LIVE


def test_a_host_may_wait_alone_until_the_longest_duration() -> None:
    scenario = RoomScenario()
    scenario.join()

    scenario.wait(4 * 3600 - 1)
    assert not scenario.room.ended
    scenario.wait(1)

    assert scenario.last(scenario.host, "roomEnded").end_reason is EndReason.MAX_DURATION


@pytest.mark.parametrize(
    ("guest_joined", "guest_stays", "reason"),
    [
        (False, False, EndReason.NO_SHOW_TIMEOUT),
        (True, False, EndReason.EMPTY_TIMEOUT),
        (True, True, EndReason.HOST_TIMEOUT),
    ],
)
def test_a_room_whose_host_never_joins_ends_with_the_reason(
    guest_joined: bool, guest_stays: bool, reason: EndReason
) -> None:
    scenario = RoomScenario()
    if guest_joined:
        scenario.join(GUEST)
        if not guest_stays:
            scenario.leave(GUEST)

    scenario.wait(600)

    assert (scenario.room.ended, scenario.room.pending_end) == (True, reason)


def test_a_second_device_takes_over_the_seat_and_the_first_can_send_no_commands() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    first = scenario.connections[GUEST]

    scenario.join(GUEST)

    assert [event for event, _ in scenario.received[first]][-1] == "youSuperseded"
    assert "youSuperseded" not in scenario.events(GUEST)
    assert len(scenario.room.admitted_seats) == 2
    with pytest.raises(NotJoined):
        scenario.send(scenario.host, Update(locked=True), connection=first)


def test_a_late_disconnect_of_the_first_device_changes_nothing() -> None:
    scenario = RoomScenario()
    scenario.join()
    before = scenario.connections[scenario.host]
    scenario.join()
    now = scenario.connections[scenario.host]
    scenario.connections[scenario.host] = before

    scenario.disconnect(scenario.host)

    assert scenario.seat(scenario.host).connection == now


@pytest.mark.parametrize(("mode", "capacity"), [("zego", 6), ("mesh", 4)])
def test_the_capacity_is_limited_and_one_seat_is_kept_for_the_host(mode: str, capacity: int) -> None:
    scenario = RoomScenario(media_mode=mode)
    for number in range(capacity - 1):
        scenario.join(a_guest(str(number)))

    with pytest.raises(RoomFull):
        scenario.join(a_guest("one more"))
    scenario.join()
    with pytest.raises(RoomFull):
        scenario.join(a_guest("one more"))

    assert len(scenario.room.admitted_seats) == capacity


def test_a_locked_room_admits_no_new_guests() -> None:
    scenario = RoomScenario(locked=True)
    scenario.join()

    with pytest.raises(RoomLocked):
        scenario.join(GUEST)


def test_a_guest_in_the_lobby_gets_no_pushes_of_the_room_until_admitted() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    assert not scenario.join(GUEST).admitted
    scenario.send(scenario.host, Update(chat_enabled=False))
    assert scenario.events(GUEST) == []
    assert scenario.admitted == {scenario.host}

    scenario.send(scenario.host, LobbyDecide(participant_id=GUEST, accept=True))

    assert scenario.events(GUEST) == ["lobbyAdmitted"]
    assert scenario.join(GUEST).admitted
    assert scenario.last(scenario.host, "lobbyWaiting").waiting == []


def test_a_denied_guest_gets_the_reason_and_leaves_the_lobby() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    scenario.join(GUEST)

    scenario.send(scenario.host, LobbyDecide(participant_id=GUEST, accept=False, reason="明天再来"))

    assert scenario.last(GUEST, "lobbyDenied").reason == "明天再来"
    assert scenario.room.lobby_seats == ()
    with pytest.raises(TargetNotFound):
        scenario.send(scenario.host, LobbyDecide(participant_id=GUEST, accept=True))


def test_switching_the_lobby_off_admits_all_waiting_guests() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    scenario.join()
    scenario.join(GUEST)

    scenario.send(scenario.host, Update(lobby_enabled=False))

    assert scenario.events(GUEST) == ["lobbyAdmitted"]


def test_the_lobby_has_a_limit() -> None:
    scenario = RoomScenario(lobby_enabled=True)
    for number in range(20):
        scenario.join(a_guest(str(number)))

    with pytest.raises(LobbyFull):
        scenario.join(GUEST)


def test_a_kick_bans_the_guest_and_new_guests_of_the_same_invitation() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST, invite="family")
    scenario.join(OTHER, invite="family")

    scenario.send(scenario.host, Kick(participant_id=GUEST, reason="打扰"))

    assert scenario.events(GUEST)[-1] == "youKicked"
    assert "peerLeft" not in scenario.events(GUEST)
    assert scenario.last(OTHER, "peerLeft").reason == "kicked"
    for guest in (GUEST, a_guest("new ticket")):
        with pytest.raises(Banned):
            scenario.join(guest, invite="family")
    scenario.leave(OTHER)
    assert scenario.join(OTHER, invite="family").admitted


def test_a_guest_kicked_without_a_ban_may_rejoin() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.send(scenario.host, Kick(participant_id=GUEST, ban=False))

    assert scenario.join(GUEST).admitted


def test_a_ban_can_be_lifted() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)
    scenario.send(scenario.host, Kick(participant_id=GUEST))

    scenario.send(scenario.host, Unban(participant_id=GUEST))

    assert scenario.join(GUEST).admitted


def test_enforcing_a_ban_of_the_record_is_idempotent() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    scenario.apply(lambda transition: enforce_ban(transition, GUEST))
    first_pushes = [push.event for push in scenario.last_pushes]
    scenario.apply(lambda transition: enforce_ban(transition, GUEST))

    assert first_pushes == ["youKicked", "peerLeft"]
    assert scenario.last_pushes == []


def test_guests_cannot_use_host_commands_and_the_host_cannot_be_kicked() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(GUEST)

    for command in (
        Update(locked=True),
        Kick(participant_id=scenario.host),
        LobbyDecide(participant_id=OTHER, accept=True),
    ):
        with pytest.raises(NotHost):
            scenario.send(GUEST, command)
    with pytest.raises(NotJoined):
        scenario.send(OTHER, Update(locked=True))
    with pytest.raises(TargetNotFound):
        scenario.send(scenario.host, Kick(participant_id=scenario.host))


def test_the_host_may_send_commands_by_rest_without_a_seat() -> None:
    scenario = RoomScenario()
    scenario.join(GUEST)

    scenario.send(scenario.host, Kick(participant_id=GUEST), connection=None)

    assert scenario.admitted == set()
    with pytest.raises(NotHost):
        scenario.send(GUEST, Update(locked=True), connection=None)


def test_a_revoked_invitation_admits_no_new_guests() -> None:
    scenario = RoomScenario()
    scenario.join(GUEST, invite="one")
    scenario.apply(lambda transition: revoke_invite(transition, "one"))

    with pytest.raises(TicketInvalid):
        scenario.join(OTHER, invite="one")
    scenario.leave(GUEST)

    assert scenario.join(GUEST, invite="one").admitted


def test_the_end_is_the_last_push_and_happens_once() -> None:
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


def test_a_pending_end_refuses_joins_before_it_is_carried_out() -> None:
    scenario = RoomScenario()
    scenario.apply(lambda transition: transition.update(pending_end=EndReason.HOST_TIMEOUT))

    with pytest.raises(RoomEnded):
        scenario.join()
    due = scenario.room.next_deadline()

    assert due is not None
    assert due <= scenario.now


def test_an_expiring_token_is_announced_once_one_minute_before() -> None:
    scenario = RoomScenario()
    scenario.join()
    scenario.room = scenario.room.with_seat(scenario.seat(scenario.host).model_copy(update={"token_ends_at": at(7200)}))

    scenario.wait(7139)
    assert "tokenExpiring" not in scenario.events(scenario.host)
    scenario.wait(600)

    assert scenario.events(scenario.host).count("tokenExpiring") == 1
