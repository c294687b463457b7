"""Rules of the teleprompter: the host loads and controls a text, domestic workers read it and report their progress."""

from domain.interviews.errors import PrompterForWorkersOnly, TargetNotFound
from domain.interviews.live.commands import PrompterControl, PrompterLoad, PrompterProgress
from domain.interviews.live.pushes import PrompterDocPush, PrompterProgressPush, PrompterStatePush
from domain.interviews.live.results import PrompterLoadResult
from domain.interviews.live.socket_rooms import host_room, participant_room
from domain.interviews.live.teleprompter import Prompter, PrompterDoc, PrompterState, nominal_height
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.live.views import may_read


def load(transition: RoomTransition, sender: CommandSender, command: PrompterLoad) -> None:
    transition.require_host(sender)
    for target in command.targets:
        seat = transition.room.seat(target)
        if seat is None or not seat.admitted:
            raise TargetNotFound
        if seat.identity != "helper":
            raise PrompterForWorkersOnly
    earlier = transition.room.prompter
    doc = PrompterDoc(
        doc_id=transition.next_id(),
        version=earlier.doc.version + 1 if earlier else 1,
        content=command.content,
        font_px=command.font_px,
        height_px=nominal_height(command.content, command.font_px),
        targets=command.targets,
        loaded_at=transition.now,
    )
    clock = PrompterState(
        doc_id=doc.doc_id,
        state="playing" if command.auto_play else "stopped",
        speed=command.speed,
        anchor_at=transition.now,
    )
    transition.update(prompter=Prompter(doc=doc, clock=clock))
    transition.push("prompterDoc", _readers_and_host(transition), PrompterDocPush, doc=doc, state=clock)
    transition.result = PrompterLoadResult(doc_id=doc.doc_id, version=doc.version)


def control(transition: RoomTransition, sender: CommandSender, command: PrompterControl) -> None:
    """The server computes the position from its clock; a position in the command sets it."""
    transition.require_host(sender)
    prompter = _require_prompter(transition, command.doc_id)
    changes: dict[str, object] = {} if command.position is None else {"position": command.position}
    match command.action:
        case "PLAY":
            if command.position is None and prompter.position_at(transition.now) >= 1:
                changes["position"] = 0.0
            changes["state"] = "playing"
        case "PAUSE":
            changes["state"] = "paused"
        case "STOP":
            changes |= {"state": "stopped", "position": 0.0}
        case "RESET":
            changes["position"] = 0.0
        case "SHOW" | "HIDE":
            changes["visible"] = command.action == "SHOW"
        case "SEEK" | "SPEED":
            pass
    if command.speed is not None:
        changes["speed"] = command.speed
    prompter = prompter.anchored(transition.now, **changes)
    transition.update(prompter=prompter)
    transition.push("prompterState", _readers_and_host(transition), PrompterStatePush, state=prompter.clock)


def report_progress(transition: RoomTransition, sender: CommandSender, command: PrompterProgress) -> None:
    seat = transition.seat_of(sender)
    if not may_read(_require_prompter(transition, command.doc_id), seat):
        raise TargetNotFound
    transition.push_to_host(
        "prompterProgress",
        PrompterProgressPush,
        participant_id=seat.participant_id,
        doc_id=command.doc_id,
        position=command.position,
        at_end=command.at_end,
    )


def _require_prompter(transition: RoomTransition, doc_id: str) -> Prompter:
    prompter = transition.room.prompter
    if prompter is None or prompter.doc.doc_id != doc_id:
        raise TargetNotFound
    return prompter


def _readers_and_host(transition: RoomTransition) -> list[str]:
    prompter = transition.room.prompter
    assert prompter is not None  # noqa: S101  # every caller has set one
    readers = [seat for seat in transition.room.guest_seats if may_read(prompter, seat)]
    return [*(participant_room(seat.participant_id) for seat in readers), host_room(transition.room.room_id)]
