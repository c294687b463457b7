"""Lead levels (线索等级): people grade open leads A to D; the stage alone makes a lead a deal (O) or lost (流失)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.customers.stages import Stage
from domain.shared.text import Text


class LeadLevel(StrEnum):
    """Stored as the labels of the former system."""

    DEAL = "O类"
    A = "A类"
    B = "B类"
    C = "C类"
    D = "D类"
    LOST = "流失"


LEVEL_LABELS: Final[Mapping[LeadLevel, Text]] = {
    LeadLevel.DEAL: Text("O类 · 已成交", "O · Deal done"),
    LeadLevel.A: Text("A类 · 7 天内成交", "A · Closes within 7 days"),
    LeadLevel.B: Text("B类 · 30 天内成交", "B · Closes within 30 days"),
    LeadLevel.C: Text("C类 · 90 天内成交", "C · Closes within 90 days"),
    LeadLevel.D: Text("D类 · 长期培育", "D · Long nurture"),
    LeadLevel.LOST: Text("流失", "Lost"),
}

GRADES: Final = frozenset({LeadLevel.A, LeadLevel.B, LeadLevel.C, LeadLevel.D})
"""The levels that people give."""
FIRST_GRADE: Final = LeadLevel.B
"""The level of a lead without a grade."""


def level_of(stage: Stage, grade: LeadLevel | None) -> LeadLevel:
    if stage in (Stage.SIGNED, Stage.REFUNDING):
        return LeadLevel.DEAL
    if stage is Stage.LOST:
        return LeadLevel.LOST
    return grade or FIRST_GRADE
