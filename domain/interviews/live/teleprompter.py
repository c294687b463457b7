"""The teleprompter (提词器): a text, and a clock from which every client computes the same position.

Positions are fractions of the whole text, not pixels: on a narrow screen the text is higher, but its middle is still
its middle. `height_px` is the height in a nominal layout; every client moves by `speed / height_px` a second.
"""

from datetime import datetime
from math import ceil
from typing import Final, Literal, Self

from domain.shared.model import Instant, Model

PrompterAction = Literal["PLAY", "PAUSE", "STOP", "SHOW", "HIDE"]
_CHARACTERS_PER_LINE: Final = 20
_LINE_HEIGHT: Final = 1.6


class PrompterState(Model):
    """The clock of the teleprompter."""

    doc_id: str
    state: Literal["playing", "paused", "stopped"] = "stopped"
    visible: bool = True
    position: float = 0.0
    """The position at `anchor_at`."""
    speed: float
    anchor_at: Instant


class PrompterDoc(Model):
    doc_id: str
    version: int
    content: str
    font_px: int
    height_px: float
    targets: tuple[str, ...] = ()
    """The participants who may read it; empty for all domestic workers."""
    loaded_at: Instant


class Prompter(Model):
    doc: PrompterDoc
    clock: PrompterState

    def position_at(self, now: datetime) -> float:
        clock = self.clock
        if clock.state != "playing":
            return clock.position
        moved = (now - clock.anchor_at).total_seconds() * clock.speed / self.doc.height_px
        return min(1.0, max(0.0, clock.position + moved))

    def anchored(self, now: datetime, **changes: object) -> Self:
        """With the clock anchored at its position of now, and changed."""
        base = {"position": self.position_at(now), "anchor_at": now}
        return self.model_copy(update={"clock": self.clock.model_copy(update={**base, **changes})})


def nominal_height(content: str, font_px: int) -> float:
    lines = sum(max(1, ceil(len(line) / _CHARACTERS_PER_LINE)) for line in content.split("\n"))
    return lines * font_px * _LINE_HEIGHT
