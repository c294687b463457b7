"""Rules of the host: settings, the lobby, removals and bans, names."""

from domain.interviews.errors import TargetNotFound
from domain.interviews.invites.model import display_name
from domain.interviews.live.commands import Kick, LobbyDecide, Rename, Unban, Update
from domain.interviews.live.pushes import (
    LobbyAdmittedPush,
    LobbyDeniedPush,
    LobbyWaitingPush,
    PeerPush,
    YouKickedPush,
)
from domain.interviews.live.room import LiveBan, Seat
from domain.interviews.live.rules.membership import remove_seat
from domain.interviews.live.rules.phases import push_room_state
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.live.views import lobby_view, participant_view
from domain.interviews.record.entries import SettingsChanged


def update_settings(transition: RoomTransition, sender: CommandSender, command: Update) -> None:
    transition.require_host(sender)
    changes = command.model_dump(exclude={"cmd_id"}, exclude_none=True)
    settings = transition.room.settings.model_copy(update=changes)
    if settings == transition.room.settings:
        return
    transition.update(settings=settings)
    transition.record(SettingsChanged(settings=settings))
    if not settings.lobby_enabled:
        for seat in transition.room.lobby_seats:
            _admit(transition, seat)
    push_room_state(transition)


def decide_lobby(transition: RoomTransition, sender: CommandSender, command: LobbyDecide) -> None:
    """An admitted guest sends `join` again and enters; from now on the guest need not wait again."""
    transition.require_host(sender)
    seat = transition.room.seat(command.participant_id)
    if seat is None or seat.admitted or seat.may_enter:
        raise TargetNotFound
    if command.accept:
        _admit(transition, seat)
    else:
        transition.push_to_one("lobbyDenied", seat.participant_id, LobbyDeniedPush, reason=command.reason)
        transition.room = transition.room.without_seat(seat.participant_id)
    transition.push_to_host("lobbyWaiting", LobbyWaitingPush, waiting=lobby_view(transition.room))


def kick(transition: RoomTransition, sender: CommandSender, command: Kick) -> None:
    """Removes a participant. With a ban the participant may not rejoin, and the invitation admits no new guests."""
    transition.require_host(sender)
    target = command.participant_id
    if target == transition.room.host_id:
        raise TargetNotFound
    seat = transition.room.seat(target)
    if seat is None and target not in transition.room.known_guests:
        raise TargetNotFound
    _remove(transition, target, command.reason, banned=command.ban)


def enforce_ban(transition: RoomTransition, target: str) -> None:
    """Completes a kick with a ban that was interrupted after the record had been saved. Idempotent."""
    room = transition.room
    if not room.ended and not any(ban.participant_id == target for ban in room.bans):
        _remove(transition, target, "", banned=True)


def unban(transition: RoomTransition, sender: CommandSender, command: Unban) -> None:
    transition.require_host(sender)
    bans = tuple(ban for ban in transition.room.bans if ban.participant_id != command.participant_id)
    transition.update(bans=bans)


def rename(transition: RoomTransition, sender: CommandSender, command: Rename) -> None:
    target = command.participant_id or sender.participant_id
    if target != sender.participant_id:
        transition.require_host(sender)
        seat = transition.room.seat(target)
    else:
        seat = transition.seat_of(sender)
    if seat is None or not seat.admitted:
        raise TargetNotFound
    name = command.name
    if seat.identity != "staff":  # the name of a guest always shows the identity
        name = display_name(seat.identity, command.name)
    if name != seat.name:
        seat = transition.update_seat(seat, name=name)
        transition.push_to_all("peerUpdated", PeerPush, participant=participant_view(seat))


def revoke_invite(transition: RoomTransition, invite_id: str) -> None:
    if invite_id not in transition.room.revoked_invites:
        transition.update(revoked_invites=(*transition.room.revoked_invites, invite_id))


def _remove(transition: RoomTransition, target: str, reason: str, *, banned: bool) -> None:
    room = transition.room
    seat = room.seat(target)
    invite_id = seat.invite_id if seat else room.known_guests.get(target, "")
    transition.update(known_guests={guest: invite for guest, invite in room.known_guests.items() if guest != target})
    if banned and not any(ban.participant_id == target for ban in room.bans):
        transition.update(bans=(*room.bans, LiveBan(participant_id=target, invite_id=invite_id)))
    if seat is not None:
        transition.push_to_one("youKicked", target, YouKickedPush, reason=reason, banned=banned)
        remove_seat(transition, seat, "kicked")


def _admit(transition: RoomTransition, seat: Seat) -> None:
    transition.update_seat(seat, may_enter=True)
    transition.update(known_guests={**transition.room.known_guests, seat.participant_id: seat.invite_id})
    transition.push_to_one("lobbyAdmitted", seat.participant_id, LobbyAdmittedPush)
