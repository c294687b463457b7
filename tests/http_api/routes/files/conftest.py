"""An app process with files in a folder of the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.settings import FileSettings
from tests.app_process import running_process, settings_of
from tests.http_api.routes.files.file_api import FileApi


@pytest.fixture
async def files(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, object]]",
    tmp_path: Path,
) -> AsyncIterator[FileApi]:
    settings = settings_of(
        mongodb_uri,
        redis_url,
        database.name,
        wechat={"accept_unverified_openid": True},
        files=FileSettings(dir=tmp_path / "files", ffmpeg="off"),
    )
    async with running_process(settings, realtime=False) as running:
        yield FileApi(running, tmp_path / "files")
