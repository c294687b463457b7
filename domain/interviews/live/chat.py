"""Chat, and the text that a helper reads from."""

from domain.interviews.errors import ChatDisabled, PrompterForWorkersOnly, TargetNotFound
from domain.interviews.live.commands import ChatSend, PrompterControl, PrompterLoad, PrompterProgress
from domain.interviews.live.pushes import ChatMessagePush, PrompterDocPush, PrompterProgressPush, PrompterStatePush
from domain.interviews.live.results import ChatResult, PrompterLoadResult
from domain.interviews.live.room import MAX_LIVE_CHAT_MESSAGES
from domain.interviews.live.teleprompter import Prompter, PrompterDoc, PrompterState, nominal_height
from domain.interviews.live.transition import CommandSender, RoomTransition, everyone, host_of, only
from domain.interviews.live.views import reads
from domain.interviews.record.entries import ChatMessageSent
from domain.interviews.value_types import ChatMessage


def say(step: RoomTransition, who: CommandSender, command: ChatSend) -> None:
    seat = step.seat_of(who)
    if not step.room.settings.chat_enabled and seat.role != "host":
        raise ChatDisabled
    if command.to is not None:
        other = step.room.seat(command.to)
        if other is None or not other.admitted:
            raise TargetNotFound
    line = ChatMessage(
        id=step.fresh_id(),
        from_id=seat.participant_id,
        from_name=seat.name,
        to=command.to or "",
        text=command.text,
        at=step.now,
    )
    step.set(chat=(*step.room.chat, line)[-MAX_LIVE_CHAT_MESSAGES:])
    step.note(ChatMessageSent(line=line))
    rooms = (only(seat.participant_id), only(command.to)) if command.to else (everyone(step.room.room_id),)
    step.tell("chatMessage", rooms, ChatMessagePush, message=line)
    step.answer = ChatResult(id=line.id, at=line.at)


def load(step: RoomTransition, who: CommandSender, command: PrompterLoad) -> None:
    step.require_host(who)
    for target in command.targets:
        seat = step.room.seat(target)
        if seat is None or not seat.admitted:
            raise TargetNotFound
        if seat.identity != "helper":
            raise PrompterForWorkersOnly
    doc = PrompterDoc(
        doc_id=step.fresh_id(),
        version=step.room.prompter.doc.version + 1 if step.room.prompter else 1,
        content=command.content,
        font_px=command.font_px,
        height_px=nominal_height(command.content, command.font_px),
        targets=command.targets,
        loaded_at=step.now,
    )
    clock = PrompterState(
        doc_id=doc.doc_id,
        state="playing" if command.auto_play else "stopped",
        speed=command.speed,
        anchor_at=step.now,
    )
    step.set(prompter=Prompter(doc=doc, clock=clock))
    step.tell("prompterDoc", _readers(step), PrompterDocPush, doc=doc, state=clock)
    step.answer = PrompterLoadResult(doc_id=doc.doc_id, version=doc.version)


def steer(step: RoomTransition, who: CommandSender, command: PrompterControl) -> None:
    """Where the text stands is reckoned here, from the clock; a position that comes along says where it shall stand."""
    step.require_host(who)
    prompter = _prompter(step, command.doc_id)
    moved: dict[str, object] = {} if command.position is None else {"position": command.position}
    match command.action:
        case "PLAY":
            if command.position is None and prompter.position_at(step.now) >= 1:
                moved["position"] = 0.0
            moved["state"] = "playing"
        case "PAUSE":
            moved["state"] = "paused"
        case "STOP":
            moved |= {"state": "stopped", "position": 0.0}
        case "RESET":
            moved["position"] = 0.0
        case "SHOW" | "HIDE":
            moved["visible"] = command.action == "SHOW"
        case "SEEK" | "SPEED":
            pass
    if command.speed is not None:
        moved["speed"] = command.speed
    prompter = prompter.anchored(step.now, **moved)
    step.set(prompter=prompter)
    step.tell("prompterState", _readers(step), PrompterStatePush, state=prompter.clock)


def report(step: RoomTransition, who: CommandSender, command: PrompterProgress) -> None:
    seat = step.seat_of(who)
    if not reads(_prompter(step, command.doc_id), seat):
        raise TargetNotFound
    step.tell_host(
        "prompterProgress",
        PrompterProgressPush,
        participant_id=seat.participant_id,
        doc_id=command.doc_id,
        position=command.position,
        at_end=command.at_end,
    )


def _prompter(step: RoomTransition, doc_id: str) -> Prompter:
    prompter = step.room.prompter
    if prompter is None or prompter.doc.doc_id != doc_id:
        raise TargetNotFound
    return prompter


def _readers(step: RoomTransition) -> list[str]:
    prompter = step.room.prompter
    assert prompter is not None  # noqa: S101  # asked for only after one was set
    helpers = [only(each.participant_id) for each in step.room.guests if reads(prompter, each)]
    return [*helpers, host_of(step.room.room_id)]
