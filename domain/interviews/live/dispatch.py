"""Which rule a command is for, and what it is answered with."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.interviews.live import chat as words
from domain.interviews.live import devices, host_rules
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
from domain.interviews.live.results import ChatResult, ControlResult, PrompterLoadResult
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.shared.model import Model

Rule = Callable[[RoomTransition, CommandSender, Any], None]

RULES: Final[Mapping[type[Command], Rule]] = {
    Update: host_rules.update,
    LobbyDecide: host_rules.decide,
    Kick: host_rules.kick,
    Unban: host_rules.unban,
    Rename: host_rules.rename,
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
    ControlRequest: ControlResult,
    ChatSend: ChatResult,
    PrompterLoad: PrompterLoadResult,
}
"""All others are answered with nothing but that they are done."""


def act(step: RoomTransition, who: CommandSender, command: Command) -> None:
    """Raises what the rule raises."""
    RULES[type(command)](step, who, command)


def command_key(who: CommandSender, command: Command) -> str:
    """Names a command for as long as it may be sent again; empty when its sender gave it no name."""
    name = command.cmd_id or (command.client_msg_id if isinstance(command, ChatSend) else "")
    return f"{who.participant_id}:{type(command).__name__}:{name}" if name else ""
