"""Which rule a command is for, and what it is answered with."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.interviews.live import chat as words
from domain.interviews.live import devices
from domain.interviews.live import host_rules as hosting
from domain.interviews.live.answers import ChatAnswer, ControlAnswer, PrompterAnswer
from domain.interviews.live.commands import (
    ChatSend,
    Command,
    ControlRequest,
    ControlRespond,
    HandLower,
    HandRaise,
    Kick,
    LobbyDecide,
    MediaStateChange,
    MuteAll,
    PrompterControl,
    PrompterLoad,
    PrompterProgress,
    Rename,
    Unban,
    Update,
)
from domain.interviews.live.transition import Acting, Step
from domain.shared.model import Model

Rule = Callable[[Step, Acting, Any], None]

RULES: Final[Mapping[type[Command], Rule]] = {
    Update: hosting.update,
    LobbyDecide: hosting.decide,
    Kick: hosting.kick,
    Unban: hosting.unban,
    Rename: hosting.rename,
    ControlRequest: devices.control,
    ControlRespond: devices.respond,
    MuteAll: devices.mute_all,
    MediaStateChange: devices.change_media,
    HandRaise: devices.raise_hand,
    HandLower: devices.lower_hand,
    ChatSend: words.say,
    PrompterLoad: words.load,
    PrompterControl: words.steer,
    PrompterProgress: words.report,
}
ANSWERS: Final[Mapping[type[Command], type[Model]]] = {
    ControlRequest: ControlAnswer,
    ChatSend: ChatAnswer,
    PrompterLoad: PrompterAnswer,
}
"""All others are answered with nothing but that they are done."""


def act(step: Step, who: Acting, command: Command) -> None:
    """Raises what the rule raises."""
    RULES[type(command)](step, who, command)


def command_key(who: Acting, command: Command) -> str:
    """Names a command for as long as it may be sent again; empty when its sender gave it no name."""
    name = command.cmd_id or (command.client_msg_id if isinstance(command, ChatSend) else "")
    return f"{who.participant_id}:{type(command).__name__}:{name}" if name else ""
