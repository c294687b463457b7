"""Rules of the chat."""

from domain.interviews.errors import ChatDisabled, TargetNotFound
from domain.interviews.live.commands import ChatSend
from domain.interviews.live.pushes import ChatMessagePush
from domain.interviews.live.results import ChatResult
from domain.interviews.live.room import MAX_LIVE_CHAT_MESSAGES
from domain.interviews.live.socket_rooms import participant_room, participants_room
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.record.entries import ChatMessageSent
from domain.interviews.value_types import ChatMessage


def send(transition: RoomTransition, sender: CommandSender, command: ChatSend) -> None:
    seat = transition.seat_of(sender)
    if not transition.room.settings.chat_enabled and seat.role != "host":
        raise ChatDisabled
    if command.to is not None:
        receiver = transition.room.seat(command.to)
        if receiver is None or not receiver.admitted:
            raise TargetNotFound
    message = ChatMessage(
        id=transition.next_id(),
        from_id=seat.participant_id,
        from_name=seat.name,
        to=command.to or "",
        text=command.text,
        at=transition.now,
    )
    transition.update(chat=(*transition.room.chat, message)[-MAX_LIVE_CHAT_MESSAGES:])
    transition.record(ChatMessageSent(message=message))
    everyone = (participants_room(transition.room.room_id),)
    rooms = (participant_room(seat.participant_id), participant_room(command.to)) if command.to else everyone
    transition.push("chatMessage", rooms, ChatMessagePush, message=message)
    transition.result = ChatResult(id=message.id, at=message.at)
