"""Calls of the file routes of an app process."""

from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.app_process import Answer, RunningProcess


@dataclass
class FileApi:
    running: RunningProcess
    directory: Path

    async def post(
        self,
        path: str,
        content: bytes,
        token: str,
        field: str = "file",
        name: str = "photo.jpg",
        content_type: str = "image/jpeg",
        **fields: str,
    ) -> Answer:
        """A form; its text fields come before the file, or behind it if their names end in `_`."""
        form = aiohttp.FormData(quote_fields=False)  # as browsers send names
        for key, value in fields.items():
            if not key.endswith("_"):
                form.add_field(key, value)
        form.add_field(field, content, filename=name, content_type=content_type)
        for key, value in fields.items():
            if key.endswith("_"):
                form.add_field(key[:-1], value)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.running.http.post(self.running.url + path, data=form, headers=headers) as response:
            return Answer(response.status, await response.json(), response.headers.copy(), {})

    async def get(self, path: str, token: str = "", **headers: str) -> Answer:
        return await self.running.call("GET", path, token=token, headers=headers)

    @property
    def stored(self) -> list[Path]:
        return [path for path in self.directory.rglob("*") if path.is_file()]
