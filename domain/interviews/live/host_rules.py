"""What the host decides: settings, the door, who has to go, what people are called."""

from domain.interviews.errors import TargetNotFound
from domain.interviews.invites.model import display_name
from domain.interviews.live.commands import Kick, LobbyDecide, Rename, Unban, Update
from domain.interviews.live.membership import go, tell_state
from domain.interviews.live.pushes import (
    LobbyAdmittedPush,
    LobbyDeniedPush,
    LobbyWaitingPush,
    PeerPush,
    YouKickedPush,
)
from domain.interviews.live.room import LiveBan, Seat
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.live.views import person, waiting
from domain.interviews.record.entries import SettingsChanged


def update(step: RoomTransition, who: CommandSender, command: Update) -> None:
    step.require_host(who)
    changes = command.model_dump(exclude={"cmd_id"}, exclude_none=True)
    settings = step.room.settings.model_copy(update=changes)
    if settings == step.room.settings:
        return
    step.set(settings=settings)
    step.note(SettingsChanged(settings=settings))
    if not settings.lobby_enabled:
        for seat in step.room.waiting:
            _let_in(step, seat)
    tell_state(step)


def decide(step: RoomTransition, who: CommandSender, command: LobbyDecide) -> None:
    """Admitted, they join again and come in; the way is theirs from now on."""
    step.require_host(who)
    seat = step.room.seat(command.participant_id)
    if seat is None or seat.admitted or seat.called:
        raise TargetNotFound
    if command.accept:
        _let_in(step, seat)
    else:
        step.tell_one("lobbyDenied", seat.participant_id, LobbyDeniedPush, reason=command.reason)
        step.room = step.room.without_seat(seat.participant_id)
    step.tell_host("lobbyWaiting", LobbyWaitingPush, waiting=waiting(step.room))


def kick(step: RoomTransition, who: CommandSender, command: Kick) -> None:
    """Out at once. With a ban nobody returns as this person, and nobody new comes by their invitation."""
    step.require_host(who)
    target = command.participant_id
    if target == step.room.host_id:
        raise TargetNotFound
    seat = step.room.seat(target)
    if seat is None and target not in step.room.known:
        raise TargetNotFound
    _put_out(step, target, command.reason, banned=command.ban)


def enforce_ban(step: RoomTransition, target: str) -> None:
    """What a kick that was cut short had still to do."""
    if not step.room.over and not any(each.participant_id == target for each in step.room.bans):
        _put_out(step, target, "", banned=True)


def unban(step: RoomTransition, who: CommandSender, command: Unban) -> None:
    step.require_host(who)
    step.set(bans=tuple(each for each in step.room.bans if each.participant_id != command.participant_id))


def rename(step: RoomTransition, who: CommandSender, command: Rename) -> None:
    target = command.participant_id or who.participant_id
    if target != who.participant_id:
        step.require_host(who)
        seat = step.room.seat(target)
    else:
        seat = step.seat_of(who)
    if seat is None or not seat.admitted:
        raise TargetNotFound
    name = command.name
    if seat.identity != "staff":  # a guest is shown as one, whatever they call themselves
        name = display_name(seat.identity, command.name.strip())
    if name != seat.name:
        seat = step.put(seat, name=name)
        step.tell_all("peerUpdated", PeerPush, participant=person(seat))


def revoke_invite(step: RoomTransition, invite_id: str) -> None:
    if invite_id not in step.room.revoked_invites:
        step.set(revoked_invites=(*step.room.revoked_invites, invite_id))


def _put_out(step: RoomTransition, target: str, reason: str, *, banned: bool) -> None:
    seat = step.room.seat(target)
    invite_id = seat.invite_id if seat else step.room.known.get(target, "")
    step.set(known={each: by for each, by in step.room.known.items() if each != target})
    if banned and not any(each.participant_id == target for each in step.room.bans):
        step.set(bans=(*step.room.bans, LiveBan(participant_id=target, invite_id=invite_id)))
    if seat is not None:
        step.tell_one("youKicked", target, YouKickedPush, reason=reason, banned=banned)
        go(step, seat, "kicked")


def _let_in(step: RoomTransition, seat: Seat) -> None:
    step.put(seat, called=True)
    step.set(known={**step.room.known, seat.participant_id: seat.invite_id})
    step.tell_one("lobbyAdmitted", seat.participant_id, LobbyAdmittedPush)
