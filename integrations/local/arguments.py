"""Names and parsers of command line arguments. For a refused value argparse names the argument and exits with 2."""

import argparse
from collections.abc import Callable
from typing import Any

ADMIN = "admin"
"""The first account."""
APP_PROCESS = "worker"
"""The argument of an app process, which only the first process starts."""
DEMONSTRATION_VARIABLE = "DEMONSTRATION"
"""Set for the app processes of a demonstration."""
MAX_PROCESSES = 256


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if not (typed.isascii() and typed.isdigit() and lowest <= int(typed[:10]) <= highest):
            message = f"应为 {lowest} 到 {highest} 的整数 · an integer from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return int(typed)

    return read


def username(typed: str) -> str:
    from domain.staff.model import StaffUsername  # takes time, which only the command that has it should take

    return _text(StaffUsername, typed, "应为 1 到 64 个普通字符", "1 to 64 characters, without control characters")


def name(typed: str) -> str:
    from domain.staff.model import StaffName

    return _text(StaffName, typed, "应为 1 到 32 个普通字符", "1 to 32 characters, without control characters")


def role(typed: str) -> str:
    from domain.staff.role import RoleCode

    return _text(RoleCode, typed, "应为角色编码，如 manager", "the code of a role, such as manager")


def _text(expected: Any, typed: str, zh: str, en: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    try:
        return str(TypeAdapter(expected).validate_python(typed.strip()))
    except ValidationError:
        raise argparse.ArgumentTypeError(f"{zh} · {en}") from None


port = _integer(0, 65535)
"""0 means any free port."""
workers = _integer(1, MAX_PROCESSES)
