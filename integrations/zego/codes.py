"""Codes and actions of ZEGO's server API. Every answer has HTTP status 200; the code tells success from failure."""

from dataclasses import dataclass
from typing import Final

from domain.shared.errors import RateLimited, UpstreamFailed

SUCCESS: Final = 0
BUSY: Final = 1
STATE_MISMATCH: Final = 5018
RATE_LIMITED: Final = frozenset({7, 206})
NO_ROOM: Final = frozenset({104, 5024, 50001})
NO_USER: Final = 50002
GONE: Final = NO_ROOM | {NO_USER}
"""The room or user to be removed is gone already."""
TRANSIENT: Final = RATE_LIMITED | {BUSY, STATE_MISMATCH}
"""A retry a little later can succeed."""
OUR_CONFIGURATION: Final = frozenset({3, *range(100_000_001, 100_000_015)})
"""App id, secret, clock or signature: every call fails until an operator corrects the configuration."""


@dataclass(frozen=True, slots=True)
class Action:
    """`per_second` is ZEGO's limit for the whole app; `repeatable` says whether the action is idempotent."""

    name: str
    per_second: int
    repeatable: bool = True


CLOSE_ROOM: Final = Action("CloseRoom", 1)
KICKOUT_USER: Final = Action("KickoutUser", 50)
DESCRIBE_USER_NUM: Final = Action("DescribeUserNum", 10)
DESCRIBE_USER_LIST: Final = Action("DescribeUserList", 10)
SEND_CUSTOM_COMMAND: Final = Action("SendCustomCommand", 100, repeatable=False)


class ZegoRefused(UpstreamFailed):
    """ZEGO returned a code other than success."""

    code = "MEDIA_REFUSED"

    def __init__(self, action: str, zego_code: int) -> None:
        super().__init__(providerCode=zego_code)
        self.action = action
        self.zego_code = zego_code

    @property
    def is_transient(self) -> bool:
        return self.zego_code in TRANSIENT


class CallQueueFull(RateLimited):
    """More calls of this action are waiting than can be sent in time."""

    code = "MEDIA_BUSY"
