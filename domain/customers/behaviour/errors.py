"""Errors of behaviour."""

from domain.shared.errors import Conflict
from domain.shared.text import Text


class BehaviourRepeated(Conflict):
    """Not an answer: a repetition adds nothing."""

    code = "BEHAVIOUR_REPEATED"
    text = Text("今日已记录", "Recorded today already")
