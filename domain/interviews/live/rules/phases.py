"""Phases of a live room: it is live once host and guest have met, and waits for a host who has left."""

from datetime import timedelta

from domain.interviews.live.pushes import HostAbsentPush, HostBackPush, RoomStatePush
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.views import host_online
from domain.interviews.record.entries import PhaseChanged
from domain.interviews.value_types import RoomPhase


def push_room_state(transition: RoomTransition) -> None:
    room = transition.room
    transition.push_to_all(
        "roomState",
        RoomStatePush,
        phase=room.phase,
        settings=room.settings,
        locked_devices=list(room.locked_devices),
        host_online=host_online(room),
        grace_ends_at=room.grace_ends_at,
    )


def host_joined(transition: RoomTransition) -> None:
    transition.update(grace_ends_at=None)
    if transition.room.phase is RoomPhase.HOST_ABSENT:
        _change_phase(transition, RoomPhase.LIVE)
        transition.push_to_all("hostBack", HostBackPush)
    push_room_state(transition)


def host_left(transition: RoomTransition) -> None:
    grace_ends_at = transition.now + timedelta(seconds=transition.room.settings.grace_seconds)
    transition.update(grace_ends_at=grace_ends_at)
    if transition.room.phase is RoomPhase.LIVE:
        _change_phase(transition, RoomPhase.HOST_ABSENT)
        transition.push_to_all("hostAbsent", HostAbsentPush, grace_ends_at=grace_ends_at)
    push_room_state(transition)


def start_when_host_and_guest_meet(transition: RoomTransition) -> None:
    room = transition.room
    guest_is_here = any(seat.identity != "staff" for seat in room.guest_seats)
    if room.phase is RoomPhase.WAITING and room.host_seat is not None and guest_is_here:
        transition.update(started_at=transition.now)
        _change_phase(transition, RoomPhase.LIVE)
        push_room_state(transition)


def _change_phase(transition: RoomTransition, phase: RoomPhase) -> None:
    transition.update(phase=phase)
    transition.record(PhaseChanged(phase=phase, at=transition.now))
