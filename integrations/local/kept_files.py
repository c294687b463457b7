"""Files that the first start writes and every later start reads: secrets and keys of an unconfigured installation."""

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from domain.shared.text import Text
from integrations.local.embedded.errors import DataDirectoryUnusable, KeptFileDamaged

T = TypeVar("T")
_WHOLE_SECRET: Final = re.compile(rb"\s*([!-~]{64,})\s*")


def kept_secret(path: Path, loss: Text) -> str:
    """At least 64 characters, the same from one start to the next. Raises as `kept` does."""
    return kept(path, lambda: secrets.token_urlsafe(48).encode(), _secret_in, loss)


def kept(path: Path, make: Callable[[], bytes], parse: Callable[[bytes], T], loss: Text) -> T:
    """Returns the result of `parse` for the file. A missing file is written whole or not at all, for its owner only.

    Raises DataDirectoryUnusable, and KeptFileDamaged when `parse` raises ValueError: then the file stays as it is,
    because only a person can know whether a backup has it. `loss` says what a new file would cost.
    """
    try:
        if not path.exists():
            _write_whole(path, make())
        content = path.read_bytes()
    except OSError as error:
        raise DataDirectoryUnusable(path, error.strerror or str(error)) from error
    try:
        return parse(content)
    except ValueError:
        raise KeptFileDamaged(path, loss) from None


def _secret_in(content: bytes) -> str:
    found = _WHOLE_SECRET.fullmatch(content)
    if found is None:
        raise ValueError("not a whole secret")
    return found[1].decode()


def _write_whole(path: Path, content: bytes) -> None:
    """Also after a crash in between, the file has all of `content` or does not exist."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
