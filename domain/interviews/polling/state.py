"""What happened since somebody last asked, told from the live room alone: for pages that poll.

Everybody's newest state is enough: who asks late is not told what no longer holds, and nothing that happened within
one millisecond hides anything else.
"""

from datetime import datetime
from typing import Literal

from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.views import reads
from domain.interviews.value_types import MediaDevice
from domain.shared.model import Instant, Model

PrompterAction = Literal["PLAY", "PAUSE", "STOP", "SHOW", "HIDE"]


class MuteCommand(Model):
    device: MediaDevice
    at: Instant


class PrompterText(Model):
    content: str
    speed: float
    at: Instant


class PrompterUpdate(Model):
    """`text` None: the one that was told before still stands."""

    text: PrompterText | None
    words: list[PrompterAction]
    position: float
    """Where the text stands now, a share of the whole."""
    speed: float
    at: Instant


def mutes_since(seat: Seat, after: datetime) -> list[MuteCommand]:
    """Only ever off: what is to be switched on is asked for, and a page that polls has no way to ask its person."""
    news = [MuteCommand(device=device, at=at) for device, at in seat.muted_at.items() if at > after]
    return sorted(news, key=lambda command: command.at)


def prompter_since(room: LiveRoom, seat: Seat, after: datetime, now: datetime) -> PrompterUpdate | None:
    """None: nothing new, or not for them."""
    prompter = room.prompter
    if prompter is None or not reads(prompter, seat) or prompter.clock.anchor_at <= after:
        return None
    doc, clock = prompter.doc, prompter.clock
    text = PrompterText(content=doc.content, speed=clock.speed, at=doc.loaded_at) if doc.loaded_at > after else None
    steps: dict[str, PrompterAction] = {"playing": "PLAY", "paused": "PAUSE", "stopped": "STOP"}
    shown: PrompterAction = "SHOW" if clock.visible else "HIDE"
    return PrompterUpdate(
        text=text,
        words=[shown, steps[clock.state]],
        position=prompter.position_at(now),
        speed=clock.speed,
        at=clock.anchor_at,
    )
