"""The polling state: what has changed for a participant since the last poll, computed from the live room alone.

Only the newest state counts: a late poll is not told what no longer holds, and of several changes within one
millisecond none is lost.
"""

from datetime import datetime

from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.teleprompter import PrompterAction
from domain.interviews.live.views import may_read
from domain.interviews.value_types import MediaDevice
from domain.shared.model import Instant, Model


class MuteCommand(Model):
    """The host has switched a device of the participant off."""

    device: MediaDevice
    at: Instant


class PrompterText(Model):
    content: str
    speed: float
    at: Instant


class PrompterUpdate(Model):
    """`text` is None when the text has not changed."""

    text: PrompterText | None
    actions: list[PrompterAction]
    position: float
    """The position now, as a fraction of the whole text."""
    speed: float
    at: Instant


def mutes_since(seat: Seat, after: datetime) -> list[MuteCommand]:
    """Oldest first. Never commands to switch on: that needs consent, which a polling page cannot ask for."""
    mutes = [MuteCommand(device=device, at=at) for device, at in seat.muted_at.items() if at > after]
    return sorted(mutes, key=lambda command: command.at)


def prompter_since(room: LiveRoom, seat: Seat, after: datetime, now: datetime) -> PrompterUpdate | None:
    """None when nothing has changed, or the participant may not read the teleprompter."""
    prompter = room.prompter
    if prompter is None or not may_read(prompter, seat) or prompter.clock.anchor_at <= after:
        return None
    doc, clock = prompter.doc, prompter.clock
    text = PrompterText(content=doc.content, speed=clock.speed, at=doc.loaded_at) if doc.loaded_at > after else None
    state_actions: dict[str, PrompterAction] = {"playing": "PLAY", "paused": "PAUSE", "stopped": "STOP"}
    visibility: PrompterAction = "SHOW" if clock.visible else "HIDE"
    return PrompterUpdate(
        text=text,
        actions=[visibility, state_actions[clock.state]],
        position=prompter.position_at(now),
        speed=clock.speed,
        at=clock.anchor_at,
    )
