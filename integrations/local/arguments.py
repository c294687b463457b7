"""Parsers of command line arguments. For a refused value argparse names the argument and exits with 2."""

import argparse
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from domain.staff.model import StaffName, StaffUsername

MAX_PROCESSES = 256


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if not (typed.isascii() and typed.isdigit() and lowest <= int(typed[:10]) <= highest):
            message = f"应为 {lowest} 到 {highest} 的整数 · an integer from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return int(typed)

    return read


def _text(adapter: TypeAdapter[str], zh: str, en: str) -> Callable[[str], str]:
    def read(typed: str) -> str:
        try:
            return adapter.validate_python(typed.strip())
        except ValidationError:
            raise argparse.ArgumentTypeError(f"{zh} · {en}") from None

    return read


port = _integer(0, 65535)
"""0 means any free port."""
workers = _integer(1, MAX_PROCESSES)
username = _text(
    TypeAdapter(StaffUsername), "应为 1 到 64 个普通字符", "1 to 64 characters, without control characters"
)
name = _text(TypeAdapter(StaffName), "应为 1 到 32 个普通字符", "1 to 32 characters, without control characters")
