"""An app process with files in a folder of the test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.settings import FileSettings
from tests.app_process import running_process, settings_of
from tests.http_api.routes.files.file_api import FileApi


@pytest.fixture
def area_settings(tmp_path: Path) -> dict[str, Any]:
    """Settings of the app process. Other test modules of this package override the fixture."""
    return {
        "wechat": {"accept_unverified_openid": True},
        "files": FileSettings(dir=tmp_path / "files", ffmpeg="off"),
    }


@pytest.fixture
async def files(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, object]]",
    area_settings: dict[str, Any],
    tmp_path: Path,
) -> AsyncIterator[FileApi]:
    settings = settings_of(mongodb_uri, redis_url, database.name, **area_settings)
    async with running_process(settings, realtime=False) as running:
        yield FileApi(running, tmp_path / "files")
