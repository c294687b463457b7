"""Cameras, microphones, screens and raised hands: the host may switch off at once, but on only with consent."""

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
from domain.interviews.live.membership import tell_state
from domain.interviews.live.pushes import (
    ControlCommandPush,
    ControlPromptPush,
    ControlResultPush,
    HandQueuePush,
    PeerMediaPush,
)
from domain.interviews.live.results import ControlResult
from domain.interviews.live.room import DeviceRequest, Seat
from domain.interviews.live.transition import CommandSender, RoomTransition, only
from domain.interviews.room_settings import DEVICE_REQUEST_SECONDS
from domain.interviews.value_types import MediaDevice


def control(step: RoomTransition, who: CommandSender, command: ControlRequest) -> None:
    step.require_host(who)
    seat = step.room.seat(command.target)
    if seat is None or not seat.admitted or seat.role == "host":
        raise TargetNotFound
    request_id = step.fresh_id()
    if command.enabled:
        _ask(step, seat, command.device, request_id)
    else:
        locked = command.device in step.room.locked_devices
        step.tell_one(
            "controlCommand",
            seat.participant_id,
            ControlCommandPush,
            device=command.device,
            enabled=False,
            locked=locked,
        )
        _switch_off(step, seat, command.device)
    step.answer = ControlResult(request_id=request_id)


def respond(step: RoomTransition, who: CommandSender, command: ControlRespond) -> None:
    """Consent also lifts the lock for this person. The device itself is theirs to switch on."""
    seat = step.seat_of(who)
    prompt = next((each for each in step.room.prompts if each.request_id == command.request_id), None)
    if prompt is None or prompt.target != seat.participant_id:
        raise TargetNotFound
    if command.accepted:
        step.put(seat, unlocked=_plus(seat.unlocked, prompt.device))
    settle(step, prompt, "accepted" if command.accepted else "declined", command.reason)


def settle(step: RoomTransition, prompt: DeviceRequest, result: str, reason: str = "") -> None:
    """A question is answered, or nobody did in time."""
    step.set(prompts=tuple(each for each in step.room.prompts if each.request_id != prompt.request_id))
    step.tell_host(
        "controlResult",
        ControlResultPush,
        request_id=prompt.request_id,
        participant_id=prompt.target,
        device=prompt.device,
        result=result,
        reason=reason,
    )


def mute_all(step: RoomTransition, who: CommandSender, command: MuteAll) -> None:
    step.require_host(who)
    device = command.device
    meant = [each for each in step.room.guests if each.participant_id not in command.except_for]
    before = step.room.locked_devices
    if command.lock is not None:
        without = tuple(each for each in before if each != device)
        step.set(locked_devices=(*without, device) if command.lock else without)
    if meant:
        step.tell(
            "controlCommand",
            [only(each.participant_id) for each in meant],
            ControlCommandPush,
            device=device,
            enabled=False,
            locked=device in step.room.locked_devices,
        )
    for seat in step.room.guests:
        if seat.participant_id in command.except_for:
            step.put(seat, unlocked=_plus(seat.unlocked, device))
        else:
            _switch_off(step, seat, device)
    if step.room.locked_devices != before:
        tell_state(step)


def change_media(step: RoomTransition, who: CommandSender, command: MediaStateChange) -> None:
    seat = step.seat_of(who)
    changes = command.model_dump(exclude={"cmd_id"}, exclude_none=True)
    if seat.role == "guest":
        for device in step.room.locked_devices:
            if changes.get(device) and device not in seat.unlocked:
                raise DeviceLocked(device=device)
        if changes.get("screen") and not step.room.settings.guest_screen_share and "screen" not in seat.unlocked:
            raise ScreenShareDisabled
    media = seat.media.model_copy(update=changes)
    if media != seat.media:
        step.put(seat, media=media)
        step.tell_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def raise_hand(step: RoomTransition, who: CommandSender, _: HandRaise) -> None:
    seat = step.seat_of(who)
    if seat.participant_id not in step.room.hands:
        step.set(hands=(*step.room.hands, seat.participant_id))
        step.tell_all("handQueue", HandQueuePush, hands=list(step.room.hands))


def lower_hand(step: RoomTransition, who: CommandSender, command: HandLower) -> None:
    target = command.participant_id or who.participant_id
    if target == who.participant_id:
        step.seat_of(who)
    else:
        step.require_host(who)
    if target in step.room.hands:
        step.set(hands=tuple(each for each in step.room.hands if each != target))
        step.tell_all("handQueue", HandQueuePush, hands=list(step.room.hands))


def _ask(step: RoomTransition, seat: Seat, device: MediaDevice, request_id: str) -> None:
    """Asking again takes the place of the earlier question."""
    until = step.now + timedelta(seconds=DEVICE_REQUEST_SECONDS)
    prompt = DeviceRequest(request_id=request_id, target=seat.participant_id, device=device, until=until)
    others = tuple(each for each in step.room.prompts if (each.target, each.device) != (prompt.target, device))
    step.set(prompts=(*others, prompt))
    step.tell_one(
        "controlPrompt", seat.participant_id, ControlPromptPush, request_id=request_id, device=device, until=until
    )


def _switch_off(step: RoomTransition, seat: Seat, device: MediaDevice) -> None:
    media = seat.media.model_copy(update={device: False})
    unlocked = tuple(each for each in seat.unlocked if each != device)
    step.put(seat, media=media, unlocked=unlocked, muted_at={**seat.muted_at, device: step.now})
    if media != seat.media:
        step.tell_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def _plus(devices: tuple[MediaDevice, ...], device: MediaDevice) -> tuple[MediaDevice, ...]:
    return devices if device in devices else (*devices, device)
