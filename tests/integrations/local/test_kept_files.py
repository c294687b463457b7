"""Files that are written at the first start and read at later ones: whole or refused, and private."""

import os
import resource
from pathlib import Path

import pytest

from domain.shared.text import Text
from integrations.local.embedded.errors import DataDirectoryUnusable, KeptFileDamaged
from integrations.local.kept_files import kept_secret
from integrations.local.simulators.esign.keys import development_keys

LOSS = Text("所有人需要重新登录", "everybody has to log in again")


def test_a_secret_is_written_once_and_read_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "data/jwt-secret"

    first = kept_secret(path, LOSS)

    assert len(first) == 64
    assert kept_secret(path, LOSS) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["jwt-secret"]


def test_every_installation_has_its_own(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "a", LOSS) != kept_secret(tmp_path / "b", LOSS)


@pytest.mark.parametrize("content", [b"", b"\n", b"x7Kq", b"\0" * 64, b"k" * 40, "密".encode() * 64])
def test_an_empty_or_half_written_secret_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jwt-secret"
    path.write_bytes(content)

    with pytest.raises(KeptFileDamaged) as refused:
        kept_secret(path, LOSS)

    assert path.read_bytes() == content
    for part in (str(path), "为空或不完整", LOSS.zh, "empty or incomplete", LOSS.en):
        assert part in str(refused.value)


@pytest.mark.parametrize("name", ["merchant.pem", "platform.pem"])
@pytest.mark.parametrize("left", [0, 200])
def test_a_half_written_key_of_the_simulator_is_refused(tmp_path: Path, name: str, left: int) -> None:
    development_keys(tmp_path)
    os.truncate(tmp_path / name, left)

    with pytest.raises(KeptFileDamaged, match=name):
        development_keys(tmp_path)


def test_a_write_that_fails_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(DataDirectoryUnusable, match="File too large"):
            kept_secret(tmp_path / "jwt-secret", LOSS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_directory_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(DataDirectoryUnusable, match="data"):
        kept_secret(tmp_path / "data/jwt-secret", LOSS)
