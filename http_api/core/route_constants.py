"""Constants that the routes of several areas share."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from domain.sessions.model import SessionEnded
from domain.shared.authority import PasswordChangeRequired
from domain.shared.text import Text
from domain.staff.model import StaffDisabled, StaffSuspended
from domain.users.errors import UserBlocked

DONE: Final = Text("操作成功", "Done")
FETCHED: Final = Text("获取成功", "Found")

STAFF_ERRORS: Final = (SessionEnded, StaffSuspended, StaffDisabled, PasswordChangeRequired)
"""Errors of every route with `Staff` access."""
USER_ERRORS: Final = (SessionEnded, UserBlocked)
"""Errors of every route with `MiniProgramUser` access."""

ExpectedVersion = Annotated[int, Field(ge=1, le=2**53)]
"""The version that the client has seen; another version in the store is a conflict."""

Ignored = Annotated[Any, BeforeValidator(lambda value: None)]
"""A field that legacy clients send: accepted and not used."""
