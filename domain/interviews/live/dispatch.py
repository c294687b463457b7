"""Command dispatch: the rule and the result of each kind of command."""

from collections.abc import Callable, Mapping
from typing import Any, Final

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
from domain.interviews.live.rules import chat, devices, host, teleprompter
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.shared.model import Model

Rule = Callable[[RoomTransition, CommandSender, Any], None]

RULES: Final[Mapping[type[Command], Rule]] = {
    Update: host.update_settings,
    LobbyDecide: host.decide_lobby,
    Kick: host.kick,
    Unban: host.unban,
    Rename: host.rename,
    ControlRequest: devices.request_control,
    ControlRespond: devices.respond,
    MuteAll: devices.mute_all,
    MediaStateChange: devices.change_media,
    HandRaise: devices.raise_hand,
    HandLower: devices.lower_hand,
    ChatSend: chat.send,
    PrompterLoad: teleprompter.load,
    PrompterControl: teleprompter.control,
    PrompterProgress: teleprompter.report_progress,
}
RESULTS: Final[Mapping[type[Command], type[Model]]] = {
    ControlRequest: ControlResult,
    ChatSend: ChatResult,
    PrompterLoad: PrompterLoadResult,
}
"""All other commands have no result."""


def dispatch(transition: RoomTransition, sender: CommandSender, command: Command) -> None:
    """Applies the rule of the command. Raises what the rule raises."""
    RULES[type(command)](transition, sender, command)


def command_key(sender: CommandSender, command: Command) -> str:
    """The idempotency key of a command; empty when the client sent no id."""
    name = command.cmd_id or (command.client_msg_id if isinstance(command, ChatSend) else "")
    return f"{sender.participant_id}:{type(command).__name__}:{name}" if name else ""
