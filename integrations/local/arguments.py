"""What may stand on the command line; argparse says which argument was wrong, and ends with 2."""

import argparse
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from domain.staff.model import StaffName, StaffUsername

MOST_WORKERS = 256


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if not (typed.isascii() and typed.isdigit() and least <= int(typed[:10]) <= most):
            raise argparse.ArgumentTypeError(f"应为 {least} 到 {most} 的整数 · a whole number from {least} to {most}")
        return int(typed)

    return read


def _text(adapter: TypeAdapter[str], zh: str, en: str) -> Callable[[str], str]:
    def read(typed: str) -> str:
        try:
            return adapter.validate_python(typed.strip())
        except ValidationError:
            raise argparse.ArgumentTypeError(f"{zh} · {en}") from None

    return read


port = _number(0, 65535)
"""0: any that is free."""
workers = _number(1, MOST_WORKERS)
username = _text(
    TypeAdapter(StaffUsername), "应为 1 到 64 个普通字符", "1 to 64 characters, without control characters"
)
name = _text(TypeAdapter(StaffName), "应为 1 到 32 个普通字符", "1 to 32 characters, without control characters")
