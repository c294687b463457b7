"""Rules of cameras, microphones, screens and raised hands: the host switches off at once, but on only with consent."""

from datetime import timedelta

from domain.interviews.errors import DeviceLocked, ScreenShareDisabled, TargetNotFound
from domain.interviews.live.commands import (
    ControlRequest,
    ControlRespond,
    HandLower,
    HandRaise,
    MediaStateChange,
    MuteAll,
)
from domain.interviews.live.pushes import (
    ControlCommandPush,
    ControlPromptPush,
    ControlResultPush,
    HandQueuePush,
    PeerMediaPush,
)
from domain.interviews.live.results import ControlResult
from domain.interviews.live.room import DeviceRequest, Seat
from domain.interviews.live.rules.phases import push_room_state
from domain.interviews.live.socket_rooms import participant_room
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.room_settings import DEVICE_REQUEST_SECONDS
from domain.interviews.value_types import MediaDevice


def request_control(transition: RoomTransition, sender: CommandSender, command: ControlRequest) -> None:
    transition.require_host(sender)
    seat = transition.room.seat(command.target)
    if seat is None or not seat.admitted or seat.role == "host":
        raise TargetNotFound
    request_id = transition.next_id()
    if command.enabled:
        _request_device(transition, seat, command.device, request_id)
    else:
        locked = command.device in transition.room.locked_devices
        transition.push_to_one(
            "controlCommand",
            seat.participant_id,
            ControlCommandPush,
            device=command.device,
            enabled=False,
            locked=locked,
        )
        _switch_off(transition, seat, command.device)
    transition.result = ControlResult(request_id=request_id)


def respond(transition: RoomTransition, sender: CommandSender, command: ControlRespond) -> None:
    """Consent also lifts the lock for this participant, whose client then switches the device on."""
    seat = transition.seat_of(sender)
    pending = transition.room.device_requests
    request = next((each for each in pending if each.request_id == command.request_id), None)
    if request is None or request.target != seat.participant_id:
        raise TargetNotFound
    if command.accepted:
        transition.update_seat(seat, unlocked=_plus(seat.unlocked, request.device))
    close_request(transition, request, "accepted" if command.accepted else "declined", command.reason)


def close_request(transition: RoomTransition, request: DeviceRequest, result: str, reason: str = "") -> None:
    """Removes a device request that was answered or has expired, and tells the host."""
    others = tuple(each for each in transition.room.device_requests if each.request_id != request.request_id)
    transition.update(device_requests=others)
    transition.push_to_host(
        "controlResult",
        ControlResultPush,
        request_id=request.request_id,
        participant_id=request.target,
        device=request.device,
        result=result,
        reason=reason,
    )


def mute_all(transition: RoomTransition, sender: CommandSender, command: MuteAll) -> None:
    transition.require_host(sender)
    device = command.device
    muted = [seat for seat in transition.room.guest_seats if seat.participant_id not in command.except_for]
    locked_before = transition.room.locked_devices
    if command.lock is not None:
        others = tuple(each for each in locked_before if each != device)
        transition.update(locked_devices=(*others, device) if command.lock else others)
    if muted:
        transition.push(
            "controlCommand",
            [participant_room(seat.participant_id) for seat in muted],
            ControlCommandPush,
            device=device,
            enabled=False,
            locked=device in transition.room.locked_devices,
        )
    for seat in transition.room.guest_seats:
        if seat.participant_id in command.except_for:
            transition.update_seat(seat, unlocked=_plus(seat.unlocked, device))
        else:
            _switch_off(transition, seat, device)
    if transition.room.locked_devices != locked_before:
        push_room_state(transition)


def change_media(transition: RoomTransition, sender: CommandSender, command: MediaStateChange) -> None:
    seat = transition.seat_of(sender)
    settings = transition.room.settings
    changes = command.model_dump(exclude={"cmd_id"}, exclude_none=True)
    if seat.role == "guest":
        for device in transition.room.locked_devices:
            if changes.get(device) and device not in seat.unlocked:
                raise DeviceLocked(device=device)
        if changes.get("screen") and not settings.guest_screen_share and "screen" not in seat.unlocked:
            raise ScreenShareDisabled
    media = seat.media.model_copy(update=changes)
    if media != seat.media:
        transition.update_seat(seat, media=media)
        transition.push_to_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def raise_hand(transition: RoomTransition, sender: CommandSender, _: HandRaise) -> None:
    seat = transition.seat_of(sender)
    if seat.participant_id not in transition.room.raised_hands:
        transition.update(raised_hands=(*transition.room.raised_hands, seat.participant_id))
        transition.push_to_all("handQueue", HandQueuePush, hands=list(transition.room.raised_hands))


def lower_hand(transition: RoomTransition, sender: CommandSender, command: HandLower) -> None:
    target = command.participant_id or sender.participant_id
    if target == sender.participant_id:
        transition.seat_of(sender)
    else:
        transition.require_host(sender)
    if target in transition.room.raised_hands:
        transition.update(raised_hands=tuple(each for each in transition.room.raised_hands if each != target))
        transition.push_to_all("handQueue", HandQueuePush, hands=list(transition.room.raised_hands))


def _request_device(transition: RoomTransition, seat: Seat, device: MediaDevice, request_id: str) -> None:
    """A new request replaces an earlier one for the same device of the same participant."""
    until = transition.now + timedelta(seconds=DEVICE_REQUEST_SECONDS)
    request = DeviceRequest(request_id=request_id, target=seat.participant_id, device=device, until=until)
    pending = transition.room.device_requests
    others = tuple(each for each in pending if (each.target, each.device) != (request.target, device))
    transition.update(device_requests=(*others, request))
    transition.push_to_one(
        "controlPrompt", seat.participant_id, ControlPromptPush, request_id=request_id, device=device, until=until
    )


def _switch_off(transition: RoomTransition, seat: Seat, device: MediaDevice) -> None:
    media = seat.media.model_copy(update={device: False})
    unlocked = tuple(each for each in seat.unlocked if each != device)
    muted_at = {**seat.muted_at, device: transition.now}
    transition.update_seat(seat, media=media, unlocked=unlocked, muted_at=muted_at)
    if media != seat.media:
        transition.push_to_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def _plus(devices: tuple[MediaDevice, ...], device: MediaDevice) -> tuple[MediaDevice, ...]:
    return devices if device in devices else (*devices, device)
