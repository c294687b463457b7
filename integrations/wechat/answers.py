"""What WeChat's errcodes mean to us, as data."""

import logging
from collections.abc import Mapping
from datetime import datetime

from domain.shared.errors import DomainError, RateLimited, UpstreamFailed
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid, WxUserRefused

SUCCESS = 0
BUSY = -1
CODE_USED = 40163
DEAD_TOKEN = frozenset({40001, 40014, 42001})
"""The access token that we sent is wrong, not the latest, or expired: worth one try with a fresh one."""

TOKEN_OPERATION = "stable_token"  # noqa: S105  # a name, not a secret
DAILY_QUOTA, MINUTE_QUOTA = 45009, 45011

EXCHANGE: Mapping[int, type[DomainError]] = {
    40029: WxCodeInvalid,
    CODE_USED: WxCodeInvalid,
    40226: WxUserRefused,
}
"""jscode2session."""

PHONE: Mapping[int, type[DomainError]] = {
    40029: PhoneCodeInvalid,
    CODE_USED: PhoneCodeInvalid,
    40003: PhoneCodeInvalid,  # issued to somebody else's openid
    40013: PhoneCodeInvalid,  # issued to another mini-program; our own AppID is not part of this call
}
"""getuserphonenumber."""

EVERYDAY = frozenset({*EXCHANGE, *PHONE, BUSY, MINUTE_QUOTA}) - {40013}
"""What clients and load bring about. Anything else is our configuration or our bug."""


class WeChatRefused(Exception):
    """WeChat answered with an errcode. `rid` finds the call in WeChat's own log."""

    def __init__(self, operation: str, errcode: int, rid: str = "") -> None:
        super().__init__(f"{operation} {errcode}")
        self.operation = operation
        self.errcode = errcode
        self.rid = rid

    @property
    def log_level(self) -> int:
        if self.errcode in EVERYDAY:
            return logging.INFO
        if self.errcode in DEAD_TOKEN and self.operation != TOKEN_OPERATION:
            return logging.WARNING
        return logging.ERROR  # somebody has to look; at the token operation 40001 means a wrong secret


def failure_of(refused: WeChatRefused, meanings: Mapping[int, type[DomainError]], now: datetime) -> DomainError:
    """The refusal in the domain's words."""
    if refused.errcode == MINUTE_QUOTA:
        return RateLimited(60 - now.second)  # counted by the minute of the clock
    if refused.errcode == DAILY_QUOTA:
        return RateLimited(3600)  # until the day ends in Beijing at the latest; quotas can be raised meanwhile
    return meanings.get(refused.errcode, UpstreamFailed)()
