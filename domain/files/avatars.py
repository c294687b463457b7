"""Pictures of accounts (头像): one for each, stored as a file of the account."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from domain.files.errors import FileNotFound
from domain.files.kinds import AVATAR
from domain.files.library import FileLibrary
from domain.files.limits import UPLOAD_LIFETIME
from domain.files.model import FileRecord, RecordRef
from domain.files.ports import AvatarAccounts, ReceivedFile
from domain.shared.actor import Actor
from domain.shared.reader import Reader

FILE_PATH: Final = "/api/upload/file"


def file_url(file: FileRecord) -> str:
    """The stable address of a file, which checks each reader."""
    return f"{FILE_PATH}/{file.id}"


class Avatars:
    def __init__(self, library: FileLibrary, accounts: Mapping[str, AvatarAccounts]) -> None:
        """`accounts`: by the area that owns them."""
        self._library = library
        self._accounts = accounts

    async def replace(
        self, area: str, account_id: str, received: ReceivedFile, name: str, reader: Reader, actor: Actor
    ) -> str:
        """The address of the new picture; former ones are deleted.

        Raises PermissionDenied, NotFound, and what `FileLibrary.store` raises.
        """
        owner = RecordRef(area=area, record_id=account_id, kind=AVATAR)
        stored = await self._library.store(received, owner, name, reader, actor)
        await self.show(stored, reader, actor)
        return file_url(stored)

    async def show(self, stored: FileRecord, reader: Reader, actor: Actor) -> None:
        """If the file is a picture of an account, the account shows it from now on. Idempotent."""
        owner = stored.owner
        account = self._accounts.get(owner.area)
        if owner.kind != AVATAR or account is None:
            return
        replaced = await account.set_avatar(owner.record_id, file_url(stored), actor)
        for file in await self._library.of_record(owner.area, owner.record_id, reader):
            if file.owner.kind == AVATAR and file.id != stored.id and _is_past(file, replaced, stored):
                with suppress(FileNotFound):  # another upload deleted it at this moment
                    await self._library.delete(file.id, reader, actor)


def _is_past(file: FileRecord, replaced: str, stored: FileRecord) -> bool:
    """True for the picture that was replaced, and for one that a crash has left.

    Other pictures are uploads that end at the same time as this one: the one that is shown later replaces the other.
    """
    return file_url(file) == replaced or file.created_at < stored.created_at - UPLOAD_LIFETIME
