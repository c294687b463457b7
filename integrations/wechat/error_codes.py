"""WeChat's errcodes, and the domain errors that they mean."""

import logging
from collections.abc import Mapping
from datetime import datetime

from domain.shared.errors import DomainError, RateLimited, UpstreamFailed
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid, WxUserRefused

SUCCESS = 0
BUSY = -1
CODE_USED = 40163
INVALID_TOKEN = frozenset({40001, 40014, 42001})
"""The access token that we sent is wrong, superseded or expired: retry once with a new one."""

TOKEN_OPERATION = "stable_token"  # noqa: S105  # a name, not a secret
DAILY_QUOTA, MINUTE_QUOTA = 45009, 45011

EXCHANGE_ERRORS: Mapping[int, type[DomainError]] = {
    40029: WxCodeInvalid,
    CODE_USED: WxCodeInvalid,
    40226: WxUserRefused,
}
"""jscode2session."""

PHONE_ERRORS: Mapping[int, type[DomainError]] = {
    40029: PhoneCodeInvalid,
    CODE_USED: PhoneCodeInvalid,
    40003: PhoneCodeInvalid,  # issued to another openid
    40013: PhoneCodeInvalid,  # issued to another mini-program; our own AppID is not part of this call
}
"""getuserphonenumber."""

EXPECTED_CODES = frozenset({*EXCHANGE_ERRORS, *PHONE_ERRORS, BUSY, MINUTE_QUOTA}) - {40013}
"""Errors that clients and load cause. Any other code means a wrong configuration or a bug."""


class WeChatRefused(Exception):
    """WeChat answered with an errcode. `rid` identifies the call in WeChat's own log."""

    def __init__(self, operation: str, errcode: int, rid: str = "") -> None:
        super().__init__(f"{operation} {errcode}")
        self.operation = operation
        self.errcode = errcode
        self.rid = rid

    @property
    def log_level(self) -> int:
        if self.errcode in EXPECTED_CODES:
            return logging.INFO
        if self.errcode in INVALID_TOKEN and self.operation != TOKEN_OPERATION:
            return logging.WARNING
        return logging.ERROR  # needs attention; at the token operation 40001 means a wrong secret


def domain_error_for(refused: WeChatRefused, meanings: Mapping[int, type[DomainError]], now: datetime) -> DomainError:
    """The domain error that the refusal means."""
    if refused.errcode == MINUTE_QUOTA:
        return RateLimited(60 - now.second)  # WeChat counts by calendar minute
    if refused.errcode == DAILY_QUOTA:
        return RateLimited(3600)  # until the day ends in Beijing at the latest; quotas can be raised meanwhile
    return meanings.get(refused.errcode, UpstreamFailed)()
